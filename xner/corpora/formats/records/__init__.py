"""Files with a record for each sentence: JSON, CSV, Parquet and saved data sets."""
