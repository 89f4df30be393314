import gc

import torch


def pytest_collection_finish():
    gc.freeze()  # every Trainer collects garbage; what pytest and the libraries hold is none
    torch.set_num_threads(1)
