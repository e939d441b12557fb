"""`python -m index.training.rerank --pairs PAIRS --set FOLDER... [--check]`: trains the re-ranker."""

import argparse
import sys
import time
from pathlib import Path

from errors import WenceError
from index.rerank import MODEL


def main() -> int:
    """Runs one training; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m index.training.rerank", description="训练重排模型")
    parser.add_argument("--pairs", type=Path, required=True, help="句对：JSON Lines，可用 xz 压缩")
    parser.add_argument("--set", type=Path, nargs="+", required=True, help="BEIR 格式的标注集")
    parser.add_argument("--check", action="store_true", help="先报告每个标注集由其他集训练所得的成绩")
    parser.add_argument("--out", type=Path, default=MODEL, help="写入的模型文件")
    parser.add_argument("--threads", type=int, default=3, help="线程数（默认 3）")
    parser.add_argument("--seed", type=int, default=0, help="随机种子（默认 0）")
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        from index.training.rerank.trainer import train

        train(
            arguments.pairs,
            arguments.set,
            arguments.out,
            seed=arguments.seed,
            threads=arguments.threads,
            check=arguments.check,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
    except WenceError as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"缺少训练用的包 {error.name}；请运行 pip install 'wence[train]'", file=sys.stderr)
        return 1
    print(f"训练完成：{arguments.out}，用时 {time.monotonic() - started:.0f} 秒", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
