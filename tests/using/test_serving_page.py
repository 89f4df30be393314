"""The page that `xner serve` shows, and its script, run by node in place of a browser."""

import base64
import hashlib
import json
import re
import shutil
import subprocess

import pytest
from fastapi.testclient import TestClient

from xner.using.serving import CHARACTERS, application


def test_the_page_has_title_and_types_as_text(predictor):
    page = TestClient(application(predictor, "<script>runs</script>&")).get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("&lt;script&gt;runs&lt;/script&gt;&amp;") == 2
    assert "<script>runs" not in page.text
    assert "LOC, ORG, PER" in page.text
    assert "mark small" in page.text  # the style that all pages share


def test_the_page_takes_nothing_from_elsewhere_and_its_addresses_are_relative(client):
    page = client.get("/").text
    assert "//" not in re.sub(r"(^| )// .*$", "", page, flags=re.MULTILINE)
    assert not re.search(r"""(src|href|action)=["']/|fetch\(["']/""", page)


def test_nothing_but_the_pages_own_script_may_run(predictor):
    page = TestClient(application(predictor, "</script><script>alert(1)</script>")).get("/")
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert (policy["default-src"], policy["script-src"]) == ("'none'", f"'sha256-{digest}'")
    assert (policy["connect-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'self'", "'none'", "'none'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<[^>]* on\w+=", page.text)


DOCUMENT = """
class Element {
  constructor(name) { this.name = name; this.parts = []; this.tBodies = [this]; this.elements = {input: this}; }
  append(...parts) { this.parts.push(...parts); }
  replaceChildren(...parts) { this.parts = parts; }
  addEventListener(_, listener) { this.listener = listener; }
  set innerHTML(_) { throw new Error("markup"); }
}
const things = {};
globalThis.document = {
  createElement: name => new Element(name),
  querySelector: name => things[name] ??= new Element(name),
  getElementById: name => things["#" + name] ??= new Element(name),
};
globalThis.fetch = async (url, {body}) => {
  const {status, answer} = JSON.parse(process.argv[2]);
  return {ok: status === 200, status, statusText: "", json: async () => answer};
};
"""
PRESS = """
things.form.value = "x";
things.form.listener({preventDefault() {}}).then(() => {
  const plain = part => typeof part === "string" ? part : [part.name, ...part.parts.map(plain)];
  const shown = name => things[name].parts.map(plain);
  console.log(JSON.stringify([things["#text"] ? shown("#text") : [], things["#status"].textContent, shown("table")]));
});
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
@pytest.mark.parametrize(
    "text",
    ["🙂🙂 Ada 👩‍👩‍👧 Rome\r\n🇩🇪 Oslo", "ראיתי את Ada ב Rome, مرحبا Noor", '<b>Ada</b> & "Rome" \x00 \\ud83d', ""],
)
def test_the_pages_script_marks_the_entities(client, tmp_path, text):
    found = client.post("/predict", json={"texts": [text]}).json()
    (marked, status, rows) = in_the_page(client, tmp_path, 200, found)
    entities = found[0]["entities"]
    marks = [part for part in marked if not isinstance(part, str)]
    assert "".join(part if isinstance(part, str) else part[1] for part in marked) == text
    assert [part[:2] for part in marks] == [["mark", entity["text"]] for entity in entities]
    assert [part[3] for part in marks] == [["small", entity["type"]] for entity in entities]
    assert [row[1] for row in rows] == [["td", entity["text"]] for entity in entities]
    assert status == ("" if entities else "No entity was found.")


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_pages_script_says_what_went_wrong(client, tmp_path):
    refusal = client.post("/predict", json={"texts": ["a" * (CHARACTERS + 1)]}).json()
    said = in_the_page(client, tmp_path, 422, refusal)[1]
    assert said == f"Failed: String should have at most {CHARACTERS} characters"
    assert in_the_page(client, tmp_path, 500, "")[1] == "Failed: the service answered 500 "


def in_the_page(client, folder, status, answer):
    """Press the button of the page where the service gives this answer; return what is shown then."""
    script = re.search(r"<script>(.*)</script>", client.get("/").text, re.DOTALL)[1]
    (folder / "page.js").write_text(DOCUMENT + script + PRESS, encoding="utf-8")
    asked = json.dumps({"status": status, "answer": answer})
    done = subprocess.run(["node", folder / "page.js", asked], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
