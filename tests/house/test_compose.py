"""What can be told about the production set-up without a Docker engine."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from servicemgmt.embedded.folder import Folder
from servicemgmt.embedded.party import roles

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE = (CHECKOUT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()


def words(service: str) -> list[str]:
    """The command, with the defaults of its variables."""
    return [re.sub(r"\$\{\w+:-(\d+)\}", r"\1", word) for word in SERVICES[service]["command"]]


def test_every_process_of_the_architecture_runs():
    assert set(SERVICES) == {"web", "worker", "beat", "migrate", "postgres", "redis"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_service_that_stays_has_a_health_check_and_comes_back(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"]
    assert check["retries"] >= 1
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_as_root(name):
    assert SERVICES[name]["user"] not in {"", "0", "root"}


def test_the_image_and_compose_mean_the_same_account():
    assert f"--uid {SERVICES['web']['user']} " in DOCKERFILE
    assert DOCKERFILE.rindex("USER servicemgmt") > DOCKERFILE.rindex("RUN ")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_product_starts_after_the_migrations_and_healthy_servers(name):
    assert SERVICES[name]["depends_on"] == {
        "migrate": {"condition": "service_completed_successfully"},
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


def test_the_demo_runs_the_commands_of_production():
    demo = {role.name: role.command for role in roles(8000, Folder(Path("/data")))}
    for name, own in (("web", {"--host=0.0.0.0"}), ("worker", set()), ("beat", set())):
        assert set(words(name)) - own <= set(demo[name])


def test_the_image_starts_the_web_process_of_compose():
    command = re.search(r"^CMD (\[.*?\])", DOCKERFILE, re.M | re.S)
    assert command
    assert yaml.safe_load(command[1].replace("\\\n", " ")) == [
        part for word in words("web") for part in word.split("=")
    ]


def test_every_variable_is_explained_in_the_example():
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE))
    explained = set(re.findall(r"^(\w+)=", (CHECKOUT / ".env.example").read_text(), re.M))
    assert used <= explained
    settings = (CHECKOUT / "servicemgmt/settings.py").read_text()
    assert explained - used <= set(re.findall(r'env\w*\(\s*"(\w+)"', settings))


def test_no_password_stands_on_a_command_line():
    for name, service in SERVICES.items():
        line = " ".join(service.get("command", []))
        assert not re.search(r"(?<!\$)\$\{?(POSTGRES|REDIS)_PASSWORD", line), name


def test_secrets_and_data_never_get_into_the_image():
    ignored = (CHECKOUT / ".dockerignore").read_text().split()
    assert ".*" in ignored
    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True).stdout.split()
    assert ".env" not in tracked


def test_what_the_dockerfile_copies_is_there():
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        *sources, _target = line.split()
        assert all((CHECKOUT / source).exists() for source in sources)
