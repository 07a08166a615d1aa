"""Code words: by one of them a relative knows that a call or a mail comes from us.

Words of every day that are heard right on a bad line, in small letters of the alphabet of SMS, and mean nothing here.
"""

import secrets
from collections.abc import Mapping, Sequence

_WORDS: Mapping[str, Sequence[str]] = {
    "fr": (
        *("abricot", "accordéon", "aquarelle", "arrosoir", "artichaut", "avocat", "ballon", "bambou", "biscuit"),
        *("bougie", "boussole", "brouette", "caramel", "cerise", "chocolat", "citron", "confiture", "coquelicot"),
        *("domino", "dromadaire", "escargot", "framboise", "girafe", "girouette", "guitare", "hibou", "hirondelle"),
        *("jardin", "jonquille", "kangourou", "lavande", "libellule", "limonade", "mandarine", "marguerite", "melon"),
        *("mirabelle", "moulin", "muguet", "noisette", "papillon", "parapluie", "pastel", "perroquet", "piano"),
        *("pingouin", "pistache", "pivoine", "potiron", "radis", "ruban", "sardine", "tambour", "tilleul", "toboggan"),
        *("tournesol", "trombone", "tulipe", "vanille", "violon", "voilier"),
    ),
    "en": (
        *("accordion", "apricot", "artichoke", "avocado", "bamboo", "biscuit", "blanket", "buttercup", "candle"),
        *(
            "caramel",
            "carousel",
            "cherry",
            "chocolate",
            "cinnamon",
            "compass",
            "daffodil",
            "daisy",
            "dolphin",
            "domino",
        ),
        *("dragonfly", "feather", "firefly", "garden", "ginger", "giraffe", "guitar", "hazelnut", "hummingbird"),
        *(
            "kangaroo",
            "lantern",
            "lavender",
            "lemonade",
            "marmalade",
            "meadow",
            "melon",
            "mushroom",
            "nutmeg",
            "orchard",
        ),
        *("pancake", "parrot", "penguin", "peppermint", "piano", "pumpkin", "raspberry", "ribbon", "sailboat"),
        *("snowdrop", "sparrow", "sunflower", "teapot", "trumpet", "tulip", "umbrella", "vanilla", "violin", "walnut"),
        *("wheelbarrow", "willow", "windmill"),
    ),
}


def draw(language: str) -> str:
    """One of them, in this language; French where there is none."""
    return secrets.choice(_WORDS.get(language.split("-", maxsplit=1)[0].lower(), _WORDS["fr"]))
