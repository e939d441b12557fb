"""`python -m index.training --pairs PAIRS --out DIRECTORY`: trains the static embedding."""

import argparse
import os
import sys
import time
from pathlib import Path

from errors import WenceError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m index.training", description="训练静态嵌入模型")
    parser.add_argument("--pairs", type=Path, required=True, help="训练句对：JSON Lines，可用 xz 压缩")
    parser.add_argument("--out", type=Path, required=True, help="写入模型的目录")
    parser.add_argument("--steps", type=int, default=1500, help="主阶段的步数（默认 1500）；两个难例阶段按比例")
    parser.add_argument("--vocabulary", type=int, default=64_000, help="词表大小（默认 64000）")
    parser.add_argument("--dimension", type=int, default=256, help="向量维数，4 的倍数（默认 256）")
    parser.add_argument("--batch", type=int, default=2048, help="每批句对数（默认 2048）")
    parser.add_argument("--threads", type=int, default=4, help="线程数（默认 4）")
    parser.add_argument("--seed", type=int, default=1, help="随机种子（默认 1）；种子和线程数相同，结果逐字节相同")
    parser.add_argument("--limit", type=int, default=None, help="只读前若干行")
    parser.add_argument("--zero-shot", action="store_true", help="不用国家法律（law_*，保留 law_local_*）")
    parser.add_argument("--sayings", action="store_true", help="再用词库造口语和英文的问法")
    parser.add_argument("--questions", action="store_true", help="再按规则用标题和条款造问句")
    return parser.parse_args()


def _limit_threads(threads: int) -> None:
    """Has to come before numpy, numba and tokenizers are imported. Waiting threads sleep: cores may be shared."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ.update(OMP_WAIT_POLICY="PASSIVE", KMP_BLOCKTIME="0", TOKENIZERS_PARALLELISM="true")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Runs one training; the exit status."""
    arguments = _arguments()
    _limit_threads(arguments.threads)
    started = time.monotonic()
    try:
        from index.training.recipe import Recipe, train

        recipe = Recipe(
            steps=arguments.steps,
            vocabulary=arguments.vocabulary,
            dimension=arguments.dimension,
            batch=arguments.batch,
            seed=arguments.seed,
            sayings=arguments.sayings,
            questions=arguments.questions,
        )
        train(
            arguments.pairs,
            arguments.out,
            recipe,
            zero_shot=arguments.zero_shot,
            limit=arguments.limit,
            processes=arguments.threads,
            say=_say,
        )
    except WenceError as error:
        _say(str(error))
        return 1
    except ModuleNotFoundError as error:
        _say(f"缺少训练用的包 {error.name}；请运行 pip install 'wence[train]'")
        return 1
    _say(f"训练完成：{arguments.out}，用时 {time.monotonic() - started:.0f} 秒")
    return 0


if __name__ == "__main__":
    sys.exit(main())
