"""Runs Rasa's graph in a fixed order, without dask planning and scheduling every call anew.

What must run for a target, and in which order, is the same at every call: it is worked out once for each target.
Nodes, inputs, outputs and errors are those of Rasa's DaskGraphRunner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner


@dataclass(frozen=True)
class Step:
    """A node and those whose outputs it is given, in this order."""

    node: str
    needs: tuple[str, ...]


def plan(schema: GraphSchema, targets: list[str]) -> tuple[Step, ...]:
    """The nodes that the targets need, each after all that it needs itself."""
    steps: dict[str, Step] = {}

    def visit(name: str) -> None:
        node = schema.nodes.get(name)
        if node is None or name in steps:  # an input of the call is no node
            return
        needs = tuple(node.needs.values())
        for need in needs:
            visit(need)
        steps[name] = Step(name, needs)

    for target in targets:
        visit(target)
    return tuple(steps.values())


def run(
    runner: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """Stands in for ``DaskGraphRunner.run``."""
    wanted = targets or runner._graph_schema.target_names
    plans: dict[tuple[str, ...], tuple[Step, ...]] = runner.__dict__.setdefault("plans", {})
    steps = plans.get(tuple(wanted))
    if steps is None:
        schema = runner._graph_schema.minimal_graph_schema(wanted)
        steps = plans[tuple(wanted)] = plan(schema, wanted)
    inputs = inputs or {}
    runner._add_inputs_to_graph(inputs, {step.node: step for step in steps})  # says what clashes
    # An output travels with its node's name; what nobody provides is passed as the bare name, which the node reports.
    outputs: dict[str, Any] = {name: (name, value) for name, value in inputs.items()}
    try:
        for step in steps:
            if step.node not in inputs:
                given = (outputs.get(need, need) for need in step.needs)
                outputs[step.node] = runner._instantiated_nodes[step.node](*given)
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(outputs[target] for target in wanted)
