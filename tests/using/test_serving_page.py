"""The page that `xner serve` shows, as it is sent; what its script does is seen in a browser."""

import base64
import hashlib
import re

from fastapi.testclient import TestClient

from xner.using.serving import application


def test_the_page_has_title_and_types_as_text(predictor):
    page = TestClient(application({"<script>runs</script>&": predictor})).get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("&lt;script&gt;runs&lt;/script&gt;&amp;") == 5
    assert "<script>runs" not in page.text
    assert "LOC, ORG, PER" in page.text
    assert "mark small" in page.text  # the style that all pages share


def test_the_page_takes_nothing_from_elsewhere_and_its_addresses_are_relative(client):
    page = client.get("/").text
    assert "//" not in re.sub(r"(^| )// .*$", "", page, flags=re.MULTILINE)
    assert not re.search(r"""(src|href|action)=["']/|fetch\(["']/""", page)


def test_nothing_but_the_pages_own_script_may_run(predictor):
    page = TestClient(application({"</script><script>alert(1)</script>": predictor})).get("/")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (policy["default-src"], policy["script-src"]) == ("'none'", f"'sha256-{digest}'")
    assert (policy["connect-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'self'", "'none'", "'none'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<[^>]* on\w+=", page.text)
