"""Documents whose sets of word n-grams have a known Jaccard similarity, and what must be left of a folder of them."""

WHO = "run_minhash_deduplication"
SYLLABLES = [a + b for a in "bcdfghjklmnpqrstvwxz" for b in "aeiou"]


class Words:
    """A source of words that never gives one twice, so that documents share what they are made to share."""

    def __init__(self, rng):
        self._numbers = iter(rng.permutation(len(SYLLABLES) ** 3)[:120_000].tolist())

    def take(self, count):
        """`count` new words of three syllables each."""
        base = len(SYLLABLES)
        numbers = [next(self._numbers) for _ in range(count)]
        return [SYLLABLES[n % base] + SYLLABLES[n // base % base] + SYLLABLES[n // base**2] for n in numbers]

    def pair(self, shared, own, ngrams):
        """Two texts with `shared` n-grams in common and `own` for each alone: shared / (shared + 2 own) is the Jaccard."""
        beginning = self.take(shared + ngrams - 1)
        return " ".join(beginning + self.take(own)), " ".join(beginning + self.take(own))

    def chain(self, links, grams, step, ngrams):
        """Texts of `grams` n-grams, each of which has lost `step` n-grams of the one before and gained as many."""
        words = self.take(grams + ngrams - 1 + step * (links - 1))
        return [" ".join(words[step * k : step * k + grams + ngrams - 1]) for k in range(links)]


def files_of(groups):
    """Files of texts, and their names group by group; members of a group do not stand beside each other."""
    files, names = {}, [[] for _ in groups]
    for place in range(max(map(len, groups))):
        for number, group in enumerate(groups):
            if place < len(group):
                name = f"{number:03}-{place}.txt"
                files[f"in/{name}"] = group[place] if isinstance(group[place], bytes) else group[place].encode()
                names[number].append(name)
    return files, names


def kept(check, drivers, files, *, hashes, bands, ngrams, threshold, output_exists=True):
    """Names of the outputs; they are inputs' names with their bytes, inputs are as they were, nothing else lies there."""
    found = drivers.minhash_deduplication(files, hashes, bands, ngrams, threshold, output_exists)
    outputs = {path.removeprefix("output/"): content for path, content in found.items() if path.startswith("output/")}
    elsewhere = {path: content for path, content in found.items() if not path.startswith("output/")}
    inputs = {path.rpartition("/")[2]: content for path, content in files.items()}
    strange = sorted(outputs.keys() - inputs.keys())
    check.that(not strange, f"{WHO} wrote {strange[:3]}; expected outputs with the names of inputs only")
    for name, content in outputs.items():
        check.that(
            content == inputs[name], f"{WHO} wrote {len(content)} bytes as {name}; expected the bytes of that input"
        )
    check.equal(elsewhere, files, who=f"{WHO}, what lies outside the output folder,", hint="inputs stay as they are")
    return set(outputs)


def check_one_each(check, drivers, clusters, reason, **parameters):
    """Of every cluster (a list of texts) exactly one is left."""
    files, names = files_of(clusters)
    left = kept(check, drivers, files, **parameters)
    for group in names:
        count = len(left.intersection(group))
        check.that(
            count == 1, f"{WHO} kept {count} of {len(group)} documents {reason}; expected 1 of them ({parameters})"
        )


def check_all_stay(check, drivers, groups, reason, **parameters):
    """Every document of every group is left."""
    files, names = files_of(groups)
    left = kept(check, drivers, files, **parameters)
    missing = sum(len(group) for group in names) - len(left)
    check.that(not missing, f"{WHO} left out {missing} documents {reason}; expected all to stay ({parameters})")


def candidates_of(check, drivers, words, count, shared, own, *, hashes, bands, ngrams):
    """How many of `count` pairs of the same similarity are found, where the threshold refuses none."""
    files, names = files_of([words.pair(shared, own, ngrams) for _ in range(count)])
    left = kept(check, drivers, files, hashes=hashes, bands=bands, ngrams=ngrams, threshold=0.01)
    both_gone = sum(not left.intersection(pair) for pair in names)
    check.that(not both_gone, f"{WHO} left out both documents of {both_gone} pairs; expected one of each to stay")
    return 2 * count - len(left)
