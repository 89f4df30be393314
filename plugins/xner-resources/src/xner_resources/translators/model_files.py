"""Files of translation models: a hash of a folder, and the commit of a repository of the hub."""

import hashlib
from pathlib import Path

from xner.errors import DataError


def folder_hash(folder: Path) -> str:
    """Return a hash of all files of a folder; it is another one when any of them changes."""
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(folder)}".encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]


def hub_commit(repository: str, revision: str | None) -> str:
    """Return the commit that is meant: on the hub, or without a network the one in the cache.

    Raises:
        DataError: there is no such repository, or it can be found neither there nor in the cache.
    """
    from huggingface_hub import hf_hub_download

    try:
        file = hf_hub_download(repository, "config.json", revision=revision, etag_timeout=10)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise DataError(
            f"hub: the model '{repository}' cannot be found ({reason}); give a folder or a repository of the hub: "
            "resources.hub.path"
        ) from error
    return Path(file).parent.name
