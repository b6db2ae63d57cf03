# 问策 WenCe: `make help` lists what there is.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= python3
BIN := .venv/bin
UV := .tools/uv/bin/uv
SETUP := $(PYTHON) scripts/setup.py
LOCK := $(UV) pip compile --quiet --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(LOCK_OPTIONS)
# make lock LOCK_OPTIONS=--upgrade raises what may be raised.
LOCK_OPTIONS ?=

.PHONY: help python3 setup env rasa model web run test check e2e eval bench soak lock fmt clean

help: ## 列出可用的命令
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  \033[36mmake %-7s\033[0m %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

python3:
	@$(PYTHON) -c '' 2>/dev/null || { echo "需要 python3（3.8 以上）；Debian/Ubuntu：apt install python3 python3-venv" >&2; exit 1; }

setup: python3 ## 准备两个 Python 环境、模型和网页；已是最新的不动
	@$(SETUP) all

env: python3
	@$(SETUP) env

rasa: python3
	@$(SETUP) rasa

model: python3 ## 训练模型（数据没变则不动）
	@$(SETUP) model

web: python3 ## 构建网页（文件没变则不动）
	@$(SETUP) web

run: setup ## 准备一切并启动，按 Ctrl-C 全部停止；端口由 WENCE_PORT 指定，默认 8080
	@exec $(BIN)/wence run

test: setup ## 准备一切并运行全部测试
	@$(BIN)/python scripts/run_tests.py

check: env rasa web ## 检查格式、写法、类型与数据，不启动任何服务
	@$(BIN)/ruff format --check --quiet . || { echo "格式不符，请运行 make fmt" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/yamllint --strict .
	@$(BIN)/wence kb check
	@.venv-rasa/bin/python scripts/validate_rasa.py
	@$(BIN)/python scripts/npm.py run --silent check

e2e: setup ## 在真实浏览器里测试网页（需要 chromium）
	@$(BIN)/python -m pytest -q tests/e2e

eval: setup ## 用项目自己的问题集评测答复质量，低于底线则失败
	@$(BIN)/wence eval all

bench: setup ## 测速度与内存，并与对照并列
	@$(BIN)/python scripts/bench.py

soak: setup ## 长时间的故障与负载测试（约一小时）
	@$(BIN)/python scripts/soak.py

lock: python3 ## 重新锁定依赖（requirements/*.in → *.txt，带哈希）
	@$(SETUP) env
	@$(LOCK) --universal --python-version 3.8 requirements/uv.in -o requirements/uv.txt
	@$(LOCK) --universal --python-version 3.8 requirements/node.in -o requirements/node.txt
	@$(LOCK) --python-version 3.10 --python-platform x86_64-manylinux_2_28 \
		--override requirements/rasa-overrides.txt requirements/rasa.in -o requirements/rasa.txt
	@$(LOCK) --universal --python-version 3.11 requirements/service.in -o requirements/service.txt
	@$(LOCK) --universal --python-version 3.11 requirements/service.in requirements/dev.in -o requirements/dev.txt

fmt: env ## 整理代码格式
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

clean: ## 删除环境、模型与缓存（保留 var/ 里的数据）
	@rm -rf .venv .venv-rasa .tools web/node_modules web/dist models .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
