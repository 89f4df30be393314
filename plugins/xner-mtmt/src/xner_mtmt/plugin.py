"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield MTMT and its ablations."""
    yield Offer("mtmt", "xner_mtmt.mtmt:MTMT", "Two teachers, two tasks, one student (Li et al., ACL 2022)")
    yield Offer("mtst", "xner_mtmt.ablations:MTST", "MTMT with a single joint teacher")
    yield Offer("mtmt-no-weighting", "xner_mtmt.ablations:NoWeighting", "MTMT with alpha = beta = gamma = 1")
    yield Offer("mtmt-no-similarity", "xner_mtmt.ablations:NoSimilarity", "MTMT without the second teacher and task")
    yield Offer("mtmt-joint", "xner_mtmt.mtmt_joint:MTMTJoint", "MTMT whose second teacher says tags, too")
    yield Offer(
        "mtmt-progressive",
        "xner_mtmt.mtmt_progressive:MTMTProgressive",
        "MTMT in rounds: the student teaches the recognizer (Li et al., TASLP 2024)",
    )


@hookimpl
def xner_teachers() -> Iterable[Offer]:
    """Yield the similarity evaluator and the joint teacher of the ablation."""
    yield Offer(
        "similarity", "xner_mtmt.evaluator:SimilarityEvaluator", "Do two words have the same tag? A siamese encoder"
    )
    yield Offer("joint", "xner_mtmt.joint:Joint", "Tags and similarity from one encoder")


@hookimpl
def xner_auxiliary_tasks() -> Iterable[Offer]:
    """Yield the student's second task."""
    yield Offer(
        "similarity", "xner_mtmt.similarity:Similarity", "The student's word pairs are as similar as the evaluator says"
    )


@hookimpl
def xner_weightings() -> Iterable[Offer]:
    """Yield MTMT's weighting and its ablation."""
    yield Offer("reliability", "xner_mtmt.weightings.reliability:Reliability", "MTMT's alpha, beta and gamma")
    yield Offer("even-types", "xner_mtmt.weightings.even_types:EvenTypes", "pairs even over the teacher's types")
    yield Offer("unweighted", "xner_mtmt.weightings.reliability:Unweighted", "MTMT's pair loss without its weights")


@hookimpl
def xner_sections() -> Iterable[Offer]:
    """Yield what the paper shows of a run."""
    yield Offer(
        "similar-words",
        "xner_mtmt.sections.similar_words:SimilarWords",
        "Similar words of those that the student changed (Li et al. 2022, table 6)",
    )
    yield Offer(
        "weight-intervals",
        "xner_mtmt.sections.weight_intervals:WeightIntervals",
        "How right the teachers are by alpha, beta and gamma (Li et al. 2022, figure 6)",
    )
    yield Offer(
        "word-map",
        "xner_mtmt.sections.word_map:WordMap",
        "Word vectors of teachers and student on a plane (Li et al. 2022, figure 5)",
    )
