"""What stands in deploy/ hangs together: files that are there, settings that exist, names that meet."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.metrics import Metrics
from tests.helm import render

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SECRETS = {
    "secret.YIBAO_DATABASE": "postgresql://yibao:x@db/yibao",
    "secret.YIBAO_REDIS": "redis://redis:6379",
    "secret.YIBAO_SECRET": "x" * 32,
}
COMPOSE = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
NGINX = (DEPLOY / "compose" / "nginx.conf").read_text()
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()


@pytest.fixture(scope="module")
def chart() -> dict[str, dict[str, Any]]:
    return {found["kind"]: found for found in render(DEPLOY / "chart", "city", SECRETS)}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


def test_every_setting_named_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = set(re.findall(r"YIBAO_[A-Z_]+", readme.split("## Settings")[1].split("\n## ")[0]))
    known |= {"YIBAO_HTTP"}  # the port of the compose file's proxy
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            named = set(re.findall(r"YIBAO_[A-Z_]+", path.read_text(encoding="utf-8")))
            assert named <= known, (path, named - known)


def test_what_the_image_copies_is_there() -> None:
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE):
        for each in source.split():
            assert (ROOT / each).exists(), each


def test_the_image_is_small_and_not_root() -> None:
    last = CONTAINERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER [1-9]\d*$", last, re.MULTILINE)
    assert "requirements-test" not in CONTAINERFILE
    assert not re.search(r"^(torch|tensorflow)\b", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    ignored = set(lines((DEPLOY / "Containerfile.dockerignore").read_text()))
    assert {".git", ".venv*", "build", "deploy/compose/.env"} <= ignored
    assert (DEPLOY / "Containerfile.dockerignore").read_text() == (ROOT / ".containerignore").read_text()


def test_files_that_containers_are_given_are_there() -> None:
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "compose" / source).exists(), (name, source)
            else:
                assert source in COMPOSE["volumes"], (name, source)
    build = COMPOSE["services"]["one"]["build"]
    assert (DEPLOY / "compose" / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Containerfile"


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    text = (DEPLOY / "compose" / "compose.yaml").read_text()
    example = set(re.findall(r"^(\w+)=", (DEPLOY / "compose" / "env.example").read_text(), re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", text)) == example


def test_proxy_and_prometheus_ask_the_assistants_and_are_believed_by_them() -> None:
    services = COMPOSE["services"]
    assistants = {name for name, service in services.items() if service.get("image") == "yibao"}
    assert len(assistants) == 2
    assert set(re.findall(r"server (\w+):5005", NGINX)) == assistants
    prometheus = yaml.safe_load((DEPLOY / "compose" / "prometheus.yml").read_text())
    (job,) = prometheus["scrape_configs"]
    assert set(job["static_configs"][0]["targets"]) == {f"{name}:5005" for name in assistants}
    settings = services["one"]["environment"]
    assert settings["YIBAO_PROXIES"] == services["proxy"]["networks"]["inside"]["ipv4_address"] + "/32"
    assert settings["YIBAO_MONITORS"] == services["prometheus"]["networks"]["inside"]["ipv4_address"] + "/32"


def test_assistants_call_nobody_outside_and_write_nowhere() -> None:
    for name in ("one", "two"):
        service = COMPOSE["services"][name]
        assert list(service["networks"]) == ["inside"]
        assert service["read_only"] is True
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_proxys_braces_are_closed_and_figures_are_not_public() -> None:
    text = "\n".join(lines(NGINX))
    assert text.count("{") == text.count("}")
    assert all(line.rstrip().endswith(("{", "}", ";")) or "#" in line for line in lines(NGINX) if line.strip())
    assert "location = /metrics { return 404; }" in text


def test_the_dashboard_asks_for_figures_that_there_are() -> None:
    metrics = Metrics()
    reply = {"type": "answer", "topic": "card", "language": "en", "confidence": {"score": 0.9}}
    metrics.turn("chat", 0.01, [reply])
    metrics.turn("chat", 0.01, [{**reply, "type": "error"}])
    exposed = set(re.findall(r"^(\w+)(?:{| )", metrics.text().decode(), re.MULTILINE)) | {"up"}
    dashboard = json.loads((DEPLOY / "grafana" / "yibao.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(asked) >= 10
    for expression in asked:
        named = set(re.findall(r"\b(yibao_\w+|up)\b(?!\")", expression))
        assert named
        assert named <= exposed, (expression, named - exposed)
    labels = set(re.findall(r"by \((\w+)\)", " ".join(asked)))
    assert labels <= {"channel", "outcome", "topic", "language", "le"}


def test_the_chart_has_all_that_a_cluster_needs(chart: dict[str, dict[str, Any]]) -> None:
    assert set(chart) == {
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Secret",
        "Service",
    }
    assert all(found["metadata"]["name"] == "city" for found in chart.values())


def test_names_in_the_chart_meet(chart: dict[str, dict[str, Any]]) -> None:
    pod = chart["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    assert chart["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert chart["Service"]["spec"]["selector"] == labels
    assert chart["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert chart["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert chart["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "city"
    container = pod["spec"]["containers"][0]
    sources = [next(iter(source.values()))["name"] for source in container["envFrom"]]
    assert sources == [chart["ConfigMap"]["metadata"]["name"], chart["Secret"]["metadata"]["name"]]
    assert {mount["name"] for mount in container["volumeMounts"]} == {each["name"] for each in pod["spec"]["volumes"]}
    port = container["ports"][0]["name"]
    assert chart["Service"]["spec"]["ports"][0]["targetPort"] == port
    backend = chart["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert (backend["name"], backend["port"]["name"]) == ("city", chart["Service"]["spec"]["ports"][0]["name"])


def test_the_pod_is_looked_after_and_locked_down(chart: dict[str, dict[str, Any]]) -> None:
    pod = chart["Deployment"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert f"USER {pod['securityContext']['runAsUser']}" in CONTAINERFILE
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}
    assert "YIBAO_STATE=/data" in CONTAINERFILE


def test_a_chart_without_its_secrets_is_refused_and_with_another_secret_has_none() -> None:
    with pytest.raises(ValueError, match=r"secret\.YIBAO_DATABASE is empty"):
        render(DEPLOY / "chart", "city")
    found = render(DEPLOY / "chart", "city", {"existingSecret": "other", "autoscaling.enabled": False})
    kinds = {one["kind"]: one for one in found}
    assert not {"Secret", "HorizontalPodAutoscaler"} & set(kinds)
    assert kinds["Deployment"]["spec"]["replicas"] == 2
    assert (
        kinds["Deployment"]["spec"]["template"]["spec"]["containers"][0]["envFrom"][1]["secretRef"]["name"] == "other"
    )
