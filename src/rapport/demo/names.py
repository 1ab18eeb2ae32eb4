"""Names of invented people, by culture, and how a name becomes part of an e-mail address."""

import unicodedata
from dataclasses import dataclass
from random import Random

_FOLDED = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "ð": "d", "þ": "th", "Þ": "Th"}
    | {"ı": "i"}
)


@dataclass(frozen=True, kw_only=True)
class Name:
    first: str
    last: str
    latin: str = ""  # what an e-mail address is made of, where it cannot be the name itself

    @property
    def mailbox(self) -> str:
        """`zofia.wisniewska` for Zofia Wiśniewska."""
        return slug(self.latin or f"{self.first} {self.last}", ".")


def slug(text: str, joint: str) -> str:
    """Letters and digits in ASCII, words joined.

    >>> slug("Brüder Łąka & Søn", "-")
    'bruder-laka-son'
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower().replace("'", "")
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in plain).split()
    return joint.join(words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# First names, last names.
CULTURES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "english": (
        _words(
            "Harriet Desmond Imogen Theodore Priscilla Wendell Rosalind Barnaby Maeve Jasper Odette Clement Winifred"
        ),
        _words(
            "Ashdown Penhallow Quimby Thackery Marlowe-Finch Lockridge O'Dwyer Winterbourne Tansley Hargrove Pemberly"
        ),
    ),
    "irish": (
        _words("Aoife Ciarán Niamh Oisín Gráinne Tadhg Sorcha Cillian"),
        _words("Ó'Braonáin Nic-Dhiarmada MacTighe Ní-Shúilleabháin O'Hagerty"),
    ),
    "french": (
        _words("Éloïse Thibault Clémence Maël Anaïs Gaëtan Océane Benoît Héloïse Loïc Zoé Jean-Baptiste"),
        _words("Lefèvre-Roux Béranger Châtaignier d'Aubrac Marchegay Gélinas Fréville Poirieux Courtemanche"),
    ),
    "german": (
        _words("Jürgen Käthe Matthäus Annelöre Björn Heike Götz Friederike Jörg Ulrike Anselm Mareike"),
        _words("Weißmüller Grünholz Krähenbühl Vogelsang Schönefeldt Brüggemann-Ott Lindwurm Hößlin Eichstädter"),
    ),
    "nordic": (
        _words("Åsa Søren Märta Øystein Ingrid Håkon Linnéa Jørgen Sólveig Eskil Tuva Björk"),
        _words("Ångström-Lund Bøgh Sjöholm Nørregård Lindqvist Kjærgaard Hällström Skovgaard Þórisdóttir"),
    ),
    "polish": (
        _words("Zofia Łukasz Małgorzata Świętosław Agnieszka Bartłomiej Żaneta Stanisław"),
        _words("Wiśniewska-Żak Łąkowski Dąbrowiecka Źrebiec Kołodziejczyk Jaśmińska"),
    ),
    "czech": (
        _words("Ondřej Šárka Jiří Žofie Vojtěch Růžena"),
        _words("Dvořáčková Řehořek Šťastná Křížek Čermáková"),
    ),
    "spanish": (
        _words("Íñigo Ximena Raúl Begoña Mateo Lucía Álvaro Inés Joaquín Soledad"),
        _words("Núñez Etxeberría Peñalver Ibáñez Zúñiga-Mora Cárdenas Villaseñor Aldecoa"),
    ),
    "portuguese": (
        _words("João Conceição Tomé Inês Antônio Luísa Simão Graça"),
        _words("Guimarães Assunção Falcão Magalhães Brandão-Reis Quintão Sequeira"),
    ),
    "italian": (
        _words("Niccolò Chiara Tancredi Ludovica Nicolò Fiorella Ottavio"),
        _words("Dell'Acqua Bernabò Montanaro Calabrò Serafini Fabbrizzi"),
    ),
    "turkish": (
        _words("Şebnem Oğuz Çiğdem İlker Gülşah Uğur"),
        _words("Yıldızoğlu Güneş Çağlayan Öztürkmen Işıkara"),
    ),
    "nigerian": (
        _words("Chiamaka Olúwaṣeun Ngozi Babátúndé Adaeze Ìfẹ́olúwa"),
        _words("Okonjo-Bello Adéwálé Nwachukwu Ogunleye Ezeilo"),
    ),
    "kenyan": (
        _words("Wanjirũ Kiprono Achieng Baraka Nyambura Otieno"),
        _words("Wambũi-Mwangi Cheruiyot Odhiambo Njoroge Mutiso"),
    ),
    "indian": (
        _words("Ananya Kārtik Meenakshi Devdutt Ishaan Lakshmi Rohini Tejas"),
        _words("Iyengar-Rao Bhattacharjee Deshpande Venkataraman Chaudhuri Kulkarni"),
    ),
    "japanese": (
        _words("Haruka Kōhei Ayumi Sōta Yuki Ryūnosuke Mei Tarō"),
        _words("Tanabe Ōmura Kurosaki Hōjō Mizuhara Shibasaki"),
    ),
}

# Names that software likes to get wrong: other scripts and directions, no last name, very long, odd characters.
UNUSUAL = (
    Name(first="遥", last="水原", latin="haruka mizuhara"),
    Name(first="Ελένη", last="Παπαδοπούλου-Αγγέλου", latin="eleni papadopoulou"),
    Name(first="Юлія", last="Щербаківська", latin="yuliia shcherbakivska"),
    Name(first="נועה", last="בן־שושן", latin="noa ben shoshan"),
    Name(first="ليلى", last="القرطبي", latin="layla alqurtubi"),
    Name(first="Madonnella", last=""),
    Name(first="김 하늘", last="", latin="haneul kim"),
    Name(
        first="Maximiliane Theodora Apollonia",
        last="von und zu Haselstein-Überwasser der Jüngeren",
        latin="theodora haselstein",
    ),
    Name(first="D’Arcy “Duke”", last="O’Sheaghn-Lévêque", latin="darcy osheaghn"),
    Name(first="Nguyễn Thị Ánh", last="Tuyết", latin="anh tuyet nguyen"),
)


def pick_name(random: Random, culture: str) -> Name:
    """A name of the culture; of some other one now and then, as people move."""
    if random.random() < 0.15:
        culture = random.choice(list(CULTURES))
    firsts, lasts = CULTURES[culture]
    return Name(first=random.choice(firsts), last=random.choice(lasts))
