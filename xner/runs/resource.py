"""Looking at a resource as a run would use it, without a method."""

from dataclasses import dataclass

from xner.errors import UsageError, did_you_mean
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.resources.aligner import Aligner
from xner.resources.dictionary import Dictionary
from xner.resources.gazetteer import Gazetteer
from xner.resources.resource import Resource, Shown
from xner.resources.translator import Translator
from xner.runs.components import Components
from xner.runs.loading import load_texts
from xner.runs.prepared import context_of
from xner.runs.settings import ResourceSettings, RunConfig

ROLES: dict[str, type[Resource]] = {
    "dictionary": Dictionary,
    "translator": Translator,
    "aligner": Aligner,
    "gazetteer": Gazetteer,
}
"""From each role, which is a setting of `resources`, to its class."""


@dataclass(frozen=True)
class Look:
    """What is seen of a resource.

    Args:
        role: what it serves as.
        name: its name.
        languages: from which to which it was asked for; of several sources each.
        shown: what people are to see, for each source.
    """

    role: str
    name: str
    languages: tuple[tuple[str, str], ...]
    shown: tuple[Shown, ...]


def look(config: RunConfig, plugins: Plugins, role: str) -> Look:
    """Look at the run's resource of a role.

    Args:
        config: the settings.
        plugins: the loaded plugins.
        role: such as "dictionary".

    Raises:
        XnerError: there is no such role, the settings name no resource for it, or it has nothing for these languages.
    """
    if role not in ROLES:
        known = ", ".join(ResourceSettings.model_fields)
        raise UsageError(f"there is no role '{role}' of resources; there are: {known}.{did_you_mean(role, ROLES)}")
    components = Components(plugins, config)
    corpora = load_texts(config, components)
    context = context_of(components, corpora, Progress(quiet=True))
    resource = context.resource(ROLES[role])
    sides = [context.sides(source, corpora.target) for source in corpora.sources]
    shown = tuple(resource.shown(each) for each in sides)
    return Look(role, config.resources.roles[role], tuple(each.languages for each in sides), shown)
