"""Named-entity corpora of the Hugging Face hub.

Most of these repositories hold a loading script, which `datasets` no longer runs; the hub keeps the same data as
Parquet files on the branch `refs/convert/parquet`, as <config>/<split>/0000.parquet. Only the files that are asked
for are downloaded, into the hub's own cache, and later found there without a connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from xner.corpora.corpus import Corpus
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.corpora.source import CorpusReader
from xner.errors import DataError, did_you_mean
from xner.plugin.component import Settings


class HubConfig(Settings):
    """Where a hub data set comes from."""

    path: str | None = Field(
        default=None, description="A folder with a copy of the repository's files, read without the hub."
    )
    revision: str = Field(default="refs/convert/parquet", description="The branch, tag or commit of the repository.")


@dataclass(frozen=True)
class DataSet:
    """A data set of the hub with one configuration a language.

    Args:
        name: what it is called in xner.
        repository: where it is on the hub.
        languages: their codes, each with the repository's name for it where that is another: "de ha:hau".
        test_only: the configurations that have no train and dev split.
        files: where else than in Parquet files a copy may have a configuration's split.
    """

    name: str
    repository: str
    languages: str
    test_only: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()

    @cached_property
    def configs(self) -> Mapping[str, str]:
        """The configuration of each language; its own name may stand for a language, too."""
        pairs = [code.partition(":")[::2] for code in self.languages.split()]
        return {code: config or code for code, config in pairs} | {config: config for _, config in pairs if config}

    def patterns(self, language: str, split: str) -> list[str]:
        """Return the patterns of a split's files."""
        config, folder = self.configs[language], {"dev": "validation"}.get(split, split)
        files = (file.format(config=config, split=split) for file in self.files)
        return [f"{config}/{folder}/*.parquet", f"{config}/{folder}-*.parquet", *files]


class HubSet(CorpusReader):
    """Reads the data set that its subclass names."""

    Config: ClassVar[type[Settings]] = HubConfig
    config: HubConfig
    data: ClassVar[DataSet]

    def load(self, language: str, split: str) -> Corpus:
        """Read a corpus, from `path` or else from the hub or its cache.

        Raises:
            DataError: there is no such language or split, or it is neither in the cache nor can be downloaded.
        """
        name, splits = self.data.name, self.splits()
        if language not in splits:
            raise DataError(
                f"{name} has no language '{language}'.{did_you_mean(language, splits)} It has {', '.join(splits)}"
            )
        if split not in splits[language]:
            raise DataError(f"{name} {language} has no split '{split}'; it has {', '.join(splits[language])}")
        patterns = self.data.patterns(language, split)
        root = Path(self.config.path).expanduser() if self.config.path else self._download(patterns)
        files = sorted(chain.from_iterable(root.glob(pattern) for pattern in patterns))
        if not files:
            raise DataError(f"{name} {language}/{split}: no file {root / patterns[0]}")
        columns = ReadOptions(token_column=1, tag_column=2)  # of .iob2 files
        notes = Notes()
        sentences = chain.from_iterable(read(file, columns, notes) for file in files)
        return replace(Corpus.from_sentences(name, language, split, sentences), notes=notes.lines())

    def splits(self) -> Mapping[str, tuple[str, ...]]:
        """Return the splits of each language of the data set."""
        return {
            language: ("test",) if config in self.data.test_only else ("train", "dev", "test")
            for language, config in self.data.configs.items()
        }

    def _download(self, patterns: list[str]) -> Path:
        from huggingface_hub import snapshot_download

        name, repository, revision = self.data.name, self.data.repository, self.config.revision
        try:
            return Path(snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=patterns))
        except Exception as error:  # the network, the hub and the cache raise errors without a common class
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise DataError(
                f"{name}: cannot get {repository} at {revision} from the Hugging Face hub or its cache; connect "
                f"to the Internet, set HF_HOME to a cache that has it, or set `path` to a copy of its files. ({reason})"
            ) from None


class WikiAnn(HubSet):
    """WikiAnn (PAN-X): silver annotation of Wikipedia in 176 languages; PER, ORG, LOC."""

    data = DataSet(
        "wikiann",
        "unimelb-nlp/wikiann",
        "ace af als am an ang ar arc arz as ast ay az ba bar bat-smg be be-x-old bg bh bn bo br bs ca cbk-zam cdo ce "
        "ceb ckb co crh cs csb cv cy da de diq dv el eml en eo es et eu ext fa fi fiu-vro fo fr frr fur fy ga gan gd "
        "gl gn gu hak he hi hr hsb hu hy ia id ig ilo io is it ja jbo jv ka kk km kn ko ksh ku ky la lb li lij lmo ln "
        "lt lv map-bms mg mhr mi min mk ml mn mr ms mt mwl my mzn nap nds ne nl nn no nov oc or os pa pdc pl pms pnb "
        "ps pt qu rm ro ru rw sa sah scn sco sd sh si simple sk sl so sq sr su sv sw szl ta te tg th tk tl tr tt ug uk "
        "ur uz vec vep vi vls vo wa war wuu xmf yi yo zea zh zh-classical zh-min-nan zh-yue",
    )


class Conll2002(HubSet):
    """CoNLL-2002: Spanish and Dutch news; PER, ORG, LOC, MISC."""

    data = DataSet("conll2002", "eriktks/conll2002", "es nl")


class Conll2003(HubSet):
    """CoNLL-2003: English news; PER, ORG, LOC, MISC."""

    data = DataSet("conll2003", "eriktks/conll2003", "en:conll2003")


class UniversalNer(HubSet):
    """Universal NER on Universal Dependencies treebanks; PER, ORG, LOC. `path` may also hold clones of its repos."""

    data = DataSet(
        "uner",
        "universalner/universal_ner",
        "ceb:ceb_gja da:da_ddt de:de_pud en:en_ewt hr:hr_set pt:pt_bosque ru:ru_pud sk:sk_snk sr:sr_set "
        "sv:sv_talbanken tl:tl_trg zh:zh_gsd en_pud pt_pud sv_pud tl_ugnayan zh_gsdsimp zh_pud",
        test_only=frozenset(
            ["ceb_gja", "de_pud", "en_pud", "pt_pud", "ru_pud", "sv_pud", "tl_trg", "tl_ugnayan", "zh_pud"]
        ),
        files=("**/{config}-ud-{split}.iob2",),
    )


class MasakhaNer(HubSet):
    """MasakhaNER 1.0: news in ten African languages; PER, ORG, LOC, DATE."""

    data = DataSet(
        "masakhaner", "masakhane/masakhaner", "am:amh ha:hau ig:ibo rw:kin lg:lug luo pcm sw:swa wo:wol yo:yor"
    )


class MasakhaNer2(HubSet):
    """MasakhaNER 2.0: news in twenty African languages; PER, ORG, LOC, DATE."""

    data = DataSet(
        "masakhaner2",
        "masakhane/masakhaner2",
        "bm:bam bbj ee:ewe fon ha:hau ig:ibo rw:kin lg:lug luo mos ny:nya pcm sn:sna sw:swa tn:tsn tw:twi wo:wol "
        "xh:xho yo:yor zu:zul",
    )
