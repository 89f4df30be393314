"""Which checkpoint of a training is kept: the last, or the one that does best on labelled dev sentences."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from safetensors.torch import load_file, save_file

from xner.corpora.corpus import Corpus
from xner.errors import XnerError
from xner.machine import processes
from xner.machine.progress import Progress
from xner.plugin.code import ENGINE, digests
from xner.scoring import scores as scoring
from xner.tagging.tagger import Tagger
from xner.training.objective import Objective

Choice = Literal["last", "average", "source-dev", "target-dev"]
CHOSEN_ON: Mapping[Choice, str] = {
    "last": "last step",
    "average": "average of snapshots",
    "source-dev": "source dev",
    "target-dev": "TARGET DEV, a leak: labels of the target chose it",
}
"""How each choice is named next to every score of a run."""
EVAL_SCORE = "eval_score"
"""The name of a judge's score among the Trainer's metrics."""
_RECORD = "epochs.json"
"""The file, inside a stage, with the score of every epoch."""


@dataclass(frozen=True)
class Judge:
    """Measures how good a tagger is.

    Args:
        name: what it measures, for people.
        score: from a tagger and a labelled corpus to a number, the higher the better; random numbers that it draws
            must come from a generator of its own. All processes of a run call it, and take the first one's answer.
    """

    name: str
    score: Callable[[Tagger, Corpus], float]


def entity_f1(tagger: Tagger, corpus: Corpus) -> float:
    """Return a tagger's entity F1 by the conlleval rule, in per cent, on a labelled corpus."""
    return scoring.tag_and_score(tagger, corpus, "conlleval").metrics.overall.f1


ENTITY_F1 = Judge("entity F1", entity_f1)


@dataclass(frozen=True)
class Dev:
    """The labelled sentences that checkpoints are chosen on.

    Args:
        choice: whether they are the source's or the target's.
        corpora: one for each language.
    """

    choice: Choice
    corpora: tuple[Corpus, ...]

    def of(self, language: str) -> "Dev":
        """Return the corpora of one language, or all if none is of it."""
        return replace(self, corpora=tuple(c for c in self.corpora if c.language == language) or self.corpora)

    def __str__(self) -> str:
        return " + ".join(map(str, self.corpora))

    def identity(self) -> Mapping[str, object]:
        """Return what the choice depends on."""
        return {
            "rule": self.choice,
            "dev": [corpus.fingerprint for corpus in self.corpora],
            "scoring": digests([Path(scoring.__file__)], ENGINE),
        }


def record_of(stage: Path) -> dict[str, Any] | None:
    """Return the scores of a stage's epochs, if they were judged."""
    file = stage / _RECORD
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def resting(objective: Objective) -> frozenset[str]:
    """Return the names of an objective's weights that no training changes: the frozen ones of its model.

    Those that are frozen outside of it may change all the same, such as a moving average.

    Args:
        objective: before its training.
    """
    frozen = {id(weight) for weight in objective.model.parameters() if not weight.requires_grad}
    return frozenset(name for name, value in objective.state_dict(keep_vars=True).items() if id(value) in frozen)


def save_changing(objective: Objective, rest: frozenset[str], file: Path) -> None:
    """Write the weights and buffers of an objective that its training may change, each once.

    Args:
        objective: what is trained.
        rest: the names of the others; `resting` said them before the training.
        file: a safetensors file; its folder is made if it is missing.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    once = {id(value): name for name, value in reversed(objective.state_dict(keep_vars=True).items())}
    state = objective.state_dict()
    save_file({name: state[name] for name in once.values() if name not in rest}, file, metadata={"format": "pt"})


def load_changing(objective: Objective, rest: frozenset[str], file: Path) -> None:
    """Read what `save_changing` wrote.

    Args:
        objective: what is trained.
        rest: the names of the weights that are not in the file.
        file: the file.

    Raises:
        XnerError: it is of another training.
    """
    found, state = load_file(file), objective.state_dict(keep_vars=True)  # asked once: an extra state is made anew
    own = {id(value) for name, value in state.items() if name not in rest}
    read = {id(value) for name, value in state.items() if name in found}
    missing, strange = objective.load_state_dict(found, strict=False)
    if strange or own - read:
        wrong = (strange or [name for name in missing if name not in rest])[0]
        raise XnerError(f"{file}: does not fit the training ('{wrong}'); remove its folder to begin the training anew")


@dataclass(frozen=True)
class Trial:
    """A training whose epochs are judged; the best one's weights are kept, the earliest of equals.

    Args:
        tagger: what learns.
        judge: measures how good it is.
        dev: the sentences to measure on.
        progress: reports every score.
    """

    tagger: Tagger
    judge: Judge
    dev: Dev
    progress: Progress

    def score(self, epoch: float) -> float:
        """Return the judge's score of the tagger as it is now, the mean over the dev corpora, and report it.

        Args:
            epoch: how many epochs it has learned.

        Raises:
            XnerError: the score is not a finite number, so that none can be the best.
        """
        score = float(processes.agreed(fmean(self.judge.score(self.tagger, corpus) for corpus in self.dev.corpora)))
        if not math.isfinite(score):
            raise XnerError(f"{self.judge.name} on {self.dev}: is {score}; no checkpoint can be chosen on such a score")
        self.progress.say(f"epoch {epoch:g}: {self.judge.name} {score:.4g} on {self.dev}")
        return score

    def record(self, folder: Path, history: Sequence[Mapping[str, Any]], kept: int | None) -> None:
        """Write the score of every epoch.

        Args:
            folder: the stage's.
            history: the Trainer's log.
            kept: the step whose weights are kept.
        """
        epochs = [
            {"epoch": entry["epoch"], "step": entry["step"], "score": entry[EVAL_SCORE]}
            for entry in history
            if EVAL_SCORE in entry
        ]
        corpora = [{"corpus": str(corpus), "fingerprint": corpus.fingerprint} for corpus in self.dev.corpora]
        chosen = {"checkpoint": self.dev.choice, "judge": self.judge.name, "corpora": corpora}
        document = {**chosen, "epochs": epochs, "kept_step": kept}
        (folder / _RECORD).write_text(json.dumps(document, indent=2), encoding="utf-8")
