"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield the baseline methods."""
    yield Offer("direct", "xner_baselines.direct:Direct", "The source's tagger, used on the target as it is")
    yield Offer("tsl", "xner_baselines.tsl:TSL", "One teacher, one student (Wu et al., ACL 2020)")
    yield Offer(
        "tsl-iterative",
        "xner_baselines.tsl_iterative:TSLIterative",
        "tsl in rounds: each student teaches the next (Liang et al., KDD 2021)",
    )
    yield Offer(
        "unitrans-no-translation",
        "xner_baselines.unitrans_no_translation:UniTransNoTranslation",
        "tsl as UniTrans trains it (Wu et al., IJCAI 2020), without its translations",
    )
    yield Offer(
        "tsl-multi", "xner_baselines.tsl_multi:TSLMulti", "A teacher for each source language, one student (same paper)"
    )
