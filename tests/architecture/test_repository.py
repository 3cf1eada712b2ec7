"""What may not stand in the repository, and what must: settings explained, files that agree."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from tests.architecture.source import ROOT, ours, tracked

PROMISED = """
SECRET_KEY DEBUG ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS BASE_URL SSE_URL DATABASE_URL REDIS_URL CELERY_BROKER_URL
EMAIL_URL DEFAULT_FROM_EMAIL MEDIA_ROOT TRUSTED_PROXIES WEBHOOK_ALLOWED_CIDRS FAKE_GATEWAY_URL
STRIPE_SECRET_KEY
STRIPE_API_BASE STRIPE_WEBHOOK_SECRET SENTRY_DSN LANGUAGE_CODE TIME_ZONE PORT SSE_PORT
"""
FORBIDDEN = {
    # written in halves, so that this file is not its own finding
    "an unfinished thought": re.compile(r"\b(TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b|# XX" + r"X"),
    "somebody's own path": re.compile(r"(?<![\w.:/~-])/(ho" + r"me|ro" + r"ot|Us" + r"ers|wo" + r"rk)/\w"),
    "a secret": re.compile(
        r"AKIA[0-9A-Z]{16}|[sr]k_live_\w{8}|whsec_[A-Za-z0-9+/]{30}|ghp_\w{30}|BEGIN [A-Z ]*PRIVATE KEY"
    ),
}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".html",
    ".txt",
    ".css",
    ".js",
    ".po",
    ".in",
    ".sql",
    ".json",
    "",
}


def findings(text: str) -> list[str]:
    return [f"{what}: {match[0]}" for what, pattern in FORBIDDEN.items() if (match := pattern.search(text))]


def test_nothing_forbidden_stands_anywhere() -> None:
    found = {
        str(file.relative_to(ROOT)): wrong
        for file in tracked()
        if file.suffix in TEXT and (wrong := findings(file.read_text(errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize("text", ["# TO" + "DO later", "see /ho" + "me/ann/x.py", "key = 'AKIA" + "A" * 16 + "'"])
def test_something_forbidden_is_seen(text: str) -> None:
    assert findings(text) != []


def explained() -> set[str]:
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_promised_setting_is_explained() -> None:
    assert sorted(set(PROMISED.split()) - explained()) == []


def test_every_setting_that_is_read_is_explained() -> None:
    reads = re.compile(r"\benv(?:\.\w+)?\(\s*\"([A-Z0-9_]+)\"")
    read = {
        name for source in ours() if source.path.startswith("config/settings") for name in reads.findall(source.text)
    }
    assert len(read) > 10
    assert sorted(read - explained()) == []


def test_every_variable_of_the_processes_is_explained() -> None:
    text = "".join((ROOT / name).read_text() for name in ("Procfile", "docker-compose.yml"))
    named = set(re.findall(r"\$\{([A-Z_]+)", text)) - {"MAIL_PORT"}
    assert sorted(named - explained()) == []


def compose() -> dict[str, dict[str, object]]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_compose_starts_everything() -> None:
    assert set(compose()) >= {
        "postgres",
        "pgbouncer",
        "redis",
        "web",
        "sse",
        "worker",
        "beat",
        "mail",
        "proxy",
    }


def test_compose_knows_what_it_refers_to() -> None:
    services = compose()
    for service in services.values():
        needed = service.get("depends_on", {})
        assert set(needed) <= set(services)  # type: ignore[call-overload]
        for volume in service.get("volumes", []):  # type: ignore[attr-defined]
            place = volume.partition(":")[0]
            assert not place.startswith("./") or (ROOT / place).exists()


def test_compose_listens_on_this_machine_only() -> None:
    ports = [port for service in compose().values() for port in service.get("ports", [])]  # type: ignore[attr-defined]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_compose_runs_the_processes_of_the_procfile() -> None:
    names = {line.partition(":")[0] for line in (ROOT / "Procfile").read_text().splitlines()}
    assert names == {"web", "sse", "worker", "beat"}
    for name in names:
        assert compose()[name]["command"] == ["python", "bin/serve.py", name]


def test_the_proxy_sends_streams_to_the_streaming_process() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    assert re.search(r"handle /sse/\* \{\s*reverse_proxy sse:8001", text)
    assert "reverse_proxy web:8000" in text


def test_the_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    last_stage = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM")) :]
    assert "USER comeback" in last_stage


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    return dict(line.split(" ")[0].split("==") for line in lines if "==" in line and not line.startswith("#"))


def test_development_uses_the_versions_that_run() -> None:
    running, developing = pins("runtime.txt"), pins("dev.txt")
    assert running
    assert {name: version for name, version in running.items() if developing.get(name) != version} == {}


def test_ci_can_be_started() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize(
    "name", ["run", "serve", "test", "check", "bench", "faults", "lock", "messages", "docs", "format"]
)
def test_make_help_lists_what_is_promised(name: str) -> None:
    assert re.search(rf"^{name}:.* ## \S", (ROOT / "Makefile").read_text(), re.MULTILINE)


def dead_links(file: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text())
    return [target for target in targets if "://" not in target and not (file.parent / target).exists()]


def test_no_document_points_into_the_void() -> None:
    documents = [file for file in tracked() if file.suffix == ".md"]
    assert documents
    assert {str(file): dead for file in documents if (dead := dead_links(file))} == {}


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[b](b.md) [c](https://example.com) [d](#d) [a](a.md)")
    assert dead_links(tmp_path / "a.md") == ["b.md"]
