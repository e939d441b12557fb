# Two commands do everything on a machine with Python 3.11: `make demo` and `make test`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
QUESTION ?= 浦东2030年未来产业产值目标是多少？

.PHONY: demo test eval lint golden clean
.DEFAULT_GOAL := demo

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "需要 Python 3.11：请安装后重试，或用 make PYTHON=… 指定解释器" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/wence build corpus
	@echo
	@echo '$$ wence ask "$(QUESTION)"'
	$(BIN)/wence ask "$(QUESTION)"
	@echo
	@echo '接着可以试试 / try next:'
	@echo '  $(BIN)/wence ask "首次入选的独角兽企业奖励多少？"'
	@echo '  $(BIN)/wence match --profile "张江的细胞治疗初创企业，有高新技术企业资质，需要资金和场地"'
	@echo '  $(BIN)/wence draft "首次入选的独角兽企业奖励多少？" -o 答复.docx'
	@echo '  $(BIN)/wence outline corpus/003_pudong_sti_center_2020_2025.txt'
	@echo '打开网页 / the web page:  $(BIN)/wence ui    → http://127.0.0.1:7860'

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n auto --dist worksteal

eval: $(VENV)/.installed
	$(BIN)/wence build corpus
	$(BIN)/wence eval --baseline eval/baseline.json

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

golden: $(VENV)/.installed-dev
	-RENEW_GOLDEN=1 $(BIN)/pytest tests/ingest/test_outline.py
	git diff --stat tests/golden

clean:
	rm -rf $(VENV) .wence
