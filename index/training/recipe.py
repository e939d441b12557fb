"""The whole training, from a file of pairs to a model directory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from errors import UsageError
from index.lexicon import load_lexicon
from index.training.export import export
from index.training.pairs import read_pairs
from index.training.questions import rule_questions
from index.training.sayings import sayings
from index.training.trainer import Model, Phase, Trainer
from index.training.views import Views, encode_bags, pair_arrays
from index.training.vocabulary import build_tokenizer, count_words


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result, besides the pairs.

    steps: of the first phase; the two hard phases have 0.3 and 0.4 of it. vocabulary: pieces at most. dimension: length
    of a vector, a multiple of 4. batch: pairs compared at a time. sayings: whether passages are also asked for in the
    other names that the lexicon knows. questions: whether by questions made from their headings and clauses.
    """

    steps: int = 1500
    vocabulary: int = 64_000
    dimension: int = 256
    batch: int = 2048
    seed: int = 1
    sayings: bool = False
    questions: bool = False

    def __post_init__(self) -> None:
        """Raises UsageError for sizes that cannot work."""
        if self.steps < 1 or self.batch < 2 or self.vocabulary < 100:
            raise UsageError("--steps 至少为 1，--batch 至少为 2，--vocabulary 至少为 100；请改正参数")
        if self.dimension < 4 or self.dimension % 4:
            raise UsageError(f"--dimension 须是 4 的倍数，现为 {self.dimension}；请改正参数")

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The three phases in order."""
        return (
            Phase("all", self.steps, rate=0.1, scale=20, drop=0.15, hard=False),
            Phase("hard", max(1, self.steps * 3 // 10), rate=0.03, scale=25, drop=0.15, hard=True),
            Phase("hard again", max(1, self.steps * 4 // 10), rate=0.03, scale=25, drop=0.15, hard=True),
        )


def train(
    pairs: Path,
    out: Path,
    recipe: Recipe,
    *,
    zero_shot: bool = False,
    limit: int | None = None,
    processes: int = 1,
    say: Callable[[str], None],
) -> None:
    """Trains on the file `pairs` and writes the model into `out`; the same input and seed give the same bytes.

    zero_shot leaves national law out; limit reads only so many lines; processes count words; say gets progress lines.
    Raises UsageError for pairs that cannot be used.
    """
    texts, groups = read_pairs(pairs, zero_shot=zero_shot, limit=limit)
    given = groups
    if recipe.questions:
        groups = [*groups, rule_questions(texts, given, recipe.seed)]
    if recipe.sayings:
        groups = [*groups, sayings(texts, given, load_lexicon(), recipe.seed)]
    say(f"{len(texts)} texts; pairs: " + ", ".join(f"{g.group.name} {len(g.anchors)}" for g in groups))
    tokenizer = build_tokenizer(count_words(texts, processes), recipe.vocabulary)
    say(f"vocabulary {tokenizer.get_vocab_size()}")
    bags = encode_bags(tokenizer, texts)
    arrays = [array for group in groups if len((array := pair_arrays(group, bags)).anchors) > 1]
    if not arrays:
        raise UsageError(f"训练数据里没有可用的句对：{pairs}；每组至少要有两对有汉字或字母的文本")
    model = Model(tokenizer, recipe.dimension, recipe.seed)
    say(f"{len(bags.tokens)} tokens, {len(model.parts.tokens) / model.size:.1f} parts a word")
    trainer = Trainer(model, Views(bags, tokenizer), bags, arrays, batch=recipe.batch, seed=recipe.seed, say=say)
    for number, phase in enumerate(recipe.phases):
        trainer.run(number, phase)
    export(model.collapsed(), tokenizer, out)
