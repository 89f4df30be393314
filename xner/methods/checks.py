"""What is looked at before a stage is computed."""

from collections.abc import Mapping, Sequence

from xner.corpora.corpus import Corpus
from xner.errors import UsageError, XnerError
from xner.plugin.component import Component, place_of
from xner.students.task import AuxiliaryTask
from xner.students.weighting import Weighting
from xner.teachers.labelled import Labelled
from xner.teachers.refiner import Refiner
from xner.teachers.teacher import Teacher


def check_reading(teacher: Teacher, name: str, target: Corpus | None) -> None:
    """Look whether a teacher is given the target's text if, and only if, it reads it.

    Args:
        teacher: the teacher.
        name: what it is called.
        target: the text that it is given.

    Raises:
        UsageError: it is not so.
    """
    if teacher.reads_target != (target is not None):
        how = "must be given it: target=" if teacher.reads_target else "does not read it: leave out target="
        raise UsageError(f"the text of the target while a teacher learns: the teacher '{name}' {how}")


def check_provides(part: Component) -> None:
    """Look whether a teacher or a refiner says which signals it gives.

    Args:
        part: any component.

    Raises:
        XnerError: it does not.
    """
    if isinstance(part, Teacher | Refiner):
        given = getattr(part, "provides", None)
        if not isinstance(given, tuple) or not given or not all(isinstance(name, str) for name in given):
            raise XnerError(f"{place_of(part)}: its provides are {given!r}; expected a tuple of names of signals")


def check_needs(needs: Mapping[str, Sequence[str]], given: Sequence[str]) -> None:
    """Look whether the teachers give every signal that is needed.

    Args:
        needs: who needs which.
        given: those that there are.

    Raises:
        UsageError: one is missing.
    """
    for who, columns in needs.items():
        for column in columns:
            if column not in given:
                raise UsageError(
                    f"{who} needs the signal '{column}', but the teachers give only: {', '.join(given) or 'none'}"
                )


def check_refiner(name: str, refiner: Refiner, labelled: Labelled) -> Mapping[str, Sequence[str]]:
    """Look whether a refiner can refine what the teachers give.

    Args:
        name: what it is called.
        refiner: the refiner.
        labelled: the sentences, with who labelled them.

    Returns:
        from the teachers' names to the columns that each gives.

    Raises:
        UsageError: it needs a signal that no teacher gives, or cannot refine what these say.
    """
    check_needs({f"the refiner '{name}'": refiner.needs}, labelled.columns)
    teachers = {teacher.name: teacher.component.provides for teacher in labelled.teachers}
    refiner.check(teachers)
    return teachers


def check_student(tasks: Mapping[str, AuxiliaryTask], weighting: tuple[str, Weighting], given: Sequence[str]) -> None:
    """Look whether the teachers give every signal that a student needs.

    Args:
        tasks: its auxiliary tasks by name.
        weighting: its weighting with its name.
        given: the signals that there are.

    Raises:
        UsageError: one is missing.
    """
    name, weigher = weighting
    needs = {"the tag loss": ("probabilities",), f"the weighting '{name}'": weigher.needs}
    check_needs(needs | {f"the task '{name}'": task.needs for name, task in tasks.items()}, given)
