from __future__ import annotations

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # no test asks a model hub; read when huggingface_hub is imported
