"""Bad input by machine: what must hold for any bytes, tried by hypothesis in the tests, by atheris in `make fuzz`."""
