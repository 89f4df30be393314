"""What mkdocs does for the site beside its own."""

from types import SimpleNamespace

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from tools import mkdocs_hooks


@pytest.mark.parametrize("there", [True, False])
def test_the_demos_page_is_on_the_site_if_there_is_one(tmp_path, monkeypatch, there):
    demo = tmp_path / "runs/mtmt-en-de-s0/report.html"
    monkeypatch.setattr(mkdocs_hooks, "_ROOT", tmp_path)
    monkeypatch.setattr(mkdocs_hooks, "_DEMO", demo)
    if there:
        demo.parent.mkdir(parents=True)
        demo.write_text("<p>what came out")
    config = MkDocsConfig()
    config.load_dict({"site_name": "x", "docs_dir": str(tmp_path), "site_dir": str(tmp_path / "site")})
    config.validate()
    monkeypatch.setattr(config.plugins, "_current_plugin", "a hook", raising=False)  # as mkdocs sets it
    files = mkdocs_hooks.on_files(Files([]), config)
    assert [file.content_string for file in files] == ["<p>what came out"] * there
    page = SimpleNamespace(file=SimpleNamespace(src_uri="report.md"))
    text = (mkdocs_hooks.Path(mkdocs_hooks.__file__).parents[1] / "docs/report.md").read_text(encoding="utf-8")
    shown = mkdocs_hooks.on_page_markdown(text, page, config, files)
    assert ("(demo.html)" in shown, "the demo's page -->" in shown) == (there, False)
