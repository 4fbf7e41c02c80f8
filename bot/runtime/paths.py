"""Where things are, whatever the working directory."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("YIBAO_BUILD", ROOT / "build"))
INDEX = BUILD / "knowledge.index"
MODEL = BUILD / "model" / "yibao.tar.gz"
LANGUAGE_MODEL = BUILD / "language" / "en"
STATE = Path(os.environ.get("YIBAO_STATE", BUILD))  # what is written while serving
CONVERSATIONS = Path(os.environ.get("YIBAO_CONVERSATIONS", STATE / "conversations.db"))
CONFIG = ROOT / "bot" / "config.yml"
DOMAIN = ROOT / "bot" / "domain"
DATA = ROOT / "data"
