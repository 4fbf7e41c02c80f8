"""The shipped content, a library over it with the fake encoder, and a clock."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.content import Content, load_content
from knowledge.index import Index, build_index
from knowledge.library import Library
from knowledge.search import Search
from tests.fakes import Clock, FakeEncoder


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content()


@pytest.fixture(scope="session")
def index(content: Content) -> Index:
    return build_index(content, FakeEncoder())


@pytest.fixture(scope="session")
def library(content: Content, index: Index) -> Library:
    return Library(content, Search(content, index, FakeEncoder()), lambda: date(2026, 11, 22))


@pytest.fixture
def clock() -> Clock:
    return Clock()
