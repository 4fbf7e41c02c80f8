"""Rasa's graph run by plan gives what dask gives: the same outputs, the same errors."""

from __future__ import annotations

from typing import Any

import pytest

from bot.runtime import graph, quiet

quiet.prepare()
from rasa.engine.exceptions import GraphComponentException, GraphRunError  # noqa: E402
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode  # noqa: E402
from rasa.engine.runner.dask import DaskGraphRunner  # noqa: E402

STOCK = DaskGraphRunner.run


class Adder(GraphComponent):
    """Adds its inputs and what it is configured with."""

    @classmethod
    def create(cls, config: Any, model_storage: Any, resource: Any, execution_context: Any) -> Adder:
        made = cls()
        made.more = config.get("more", 0)  # type: ignore[attr-defined]
        return made

    def add(self, one: int, other: int) -> int:
        if one == 13:
            raise ValueError("thirteen")
        return one + other + self.more  # type: ignore[attr-defined, no-any-return]


def node(more: int, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Adder, "create", "add", {"more": more}, eager=True)


SCHEMA = GraphSchema(
    {
        "left": node(1, one="start", other="start"),
        "right": node(2, one="left", other="start"),
        "end": SchemaNode({"one": "left", "other": "right"}, Adder, "create", "add", {}, eager=True, is_target=True),
        "aside": node(9, one="start", other="end"),
    }
)


def runner() -> DaskGraphRunner:
    return DaskGraphRunner(SCHEMA, None, ExecutionContext(SCHEMA))  # type: ignore[arg-type]


@pytest.mark.parametrize("targets", [None, ["end"], ["left"], ["aside", "right"]])
def test_outputs_are_those_of_dask(targets: list[str] | None) -> None:
    assert graph.run(runner(), {"start": 5}, targets) == STOCK(runner(), {"start": 5}, targets)


def test_a_plan_is_made_once_and_serves_every_call() -> None:
    planned = runner()
    assert [graph.run(planned, {"start": start}, ["end"])["end"] for start in (1, 2)] == [9, 14]
    assert len(planned.plans) == 1


def test_an_input_may_stand_in_for_a_node() -> None:
    inputs = {"start": 5, "left": 100}
    assert graph.run(runner(), inputs, ["end"]) == STOCK(runner(), inputs, ["end"])


@pytest.mark.parametrize(
    ("inputs", "error"),
    [({}, GraphRunError), ({"start": 13}, GraphComponentException), ({"start": "left"}, GraphRunError)],
)
def test_errors_are_those_of_dask(inputs: dict[str, Any], error: type[Exception]) -> None:
    words = []
    for run in (STOCK, graph.run):
        with pytest.raises(error) as caught:
            run(runner(), inputs, ["end"])
        words.append(str(caught.value))
    assert words[0] == words[1]
