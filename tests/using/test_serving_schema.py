"""Requests made of the service's own description, those that it allows and those that it does not, by schemathesis."""

import logging
from types import SimpleNamespace

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from xner.using.predicting import Entity
from xner.using.serving import application

CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance, status_code_conformance]


def predict(texts):
    """Find that every text is an entity."""
    return [[Entity(type="LOC", text=text, start=0, end=len(text), score=0.5)] for text in texts]


TAGGER = SimpleNamespace(labels=SimpleNamespace(types=("LOC",)))
schema = schemathesis.openapi.from_asgi(
    "/openapi.json",
    application({run: SimpleNamespace(tagger=TAGGER, predict=predict) for run in ("runs/x", "runs/y")}),
)


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("httpx").setLevel(logging.WARNING)


@schema.parametrize()
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered_as_the_description_says(case):
    case.call_and_validate(checks=CHECKS)
