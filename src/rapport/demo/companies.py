"""The demo's companies."""

from collections.abc import Iterator
from random import Random

from rapport.demo import places
from rapport.demo.members import IMPORT, MEMBERS, SYSTEM, WEB_FORM
from rapport.demo.names import slug
from rapport.demo.places import RATE, Place
from rapport.demo.record import Calendar, Record, demo_id, filled, written
from rapport.metadata.fieldtypes.base import Json

COMPANIES: tuple[tuple[str, Place], ...] = (
    ("Otterfield Tech", places.SAN_FRANCISCO),
    ("Lumen Works Collective", places.SAN_FRANCISCO),
    ("Fogbell Robotics", places.SAN_FRANCISCO),
    ("Pelican & Pine Outfitters", places.SAN_FRANCISCO),
    ("Saltgrass Biotech", places.SAN_FRANCISCO),
    ("Quillbrook Systems", places.NEW_YORK),
    ("Thirteenth Pier Coffee", places.NEW_YORK),
    ("Vandermole Freight", places.NEW_YORK),
    ("Gantry & Loom", places.NEW_YORK),
    ("Maple Turbine Co-operative", places.TORONTO),
    ("Loonlake Software", places.TORONTO),
    ("Chapulín Pagos", places.MEXICO_CITY),
    ("Ajolote Diseño", places.MEXICO_CITY),
    ("Jabuticaba Alimentos", places.SAO_PAULO),
    ("Tucano Crédito & Irmãos", places.SAO_PAULO),
    ("Capivara Tech Soluções", places.SAO_PAULO),
    ("Tallowyard Studios", places.LONDON),
    ("Heronmere Analytics", places.LONDON),
    ("Crumpetworks", places.LONDON),
    ("Brackenbury Technologies", places.LONDON),
    ("O'Flannery Peat & Solar", places.DUBLIN),
    ("Siúcra Bakeries", places.DUBLIN),
    ("Café Minuit & Fils", places.PARIS),
    ("L'Atelier du Héron", places.PARIS),
    ("Écluse Numérique", places.PARIS),
    ("Marmotech", places.LYON),
    ("Soieries Clair-de-Lune", places.LYON),
    ("Fernweh Spedition", places.BERLIN),
    ("Kranich Werkzeugbau", places.BERLIN),
    ("Grünspan Energie", places.BERLIN),
    ("Brückenwärter Software", places.BERLIN),
    ("Hopfenglück Brauerei", places.MUNICH),
    ("Glockenblume Medizintechnik", places.MUNICH),
    ("Murmeli Sackmesser", places.ZURICH),
    ("Firnlicht Versicherung", places.ZURICH),
    ("Blåbär Analys", places.STOCKHOLM),
    ("Älgkraft", places.STOCKHOLM),
    ("Norrsken Fjärrtech", places.STOCKHOLM),
    ("Søheste Rederi", places.COPENHAGEN),
    ("Rågbrød & Ægte Smør", places.COPENHAGEN),
    ("Żubrówek Meble", places.KRAKOW),
    ("Smocza Jama Gry", places.KRAKOW),
    ("Třešňový Sad", places.PRAGUE),
    ("Žabka na Prameni", places.PRAGUE),
    ("Andorinha Viagens", places.LISBON),
    ("Sardinha Digital", places.LISBON),
    ("Golondrina Moda", places.MADRID),
    ("Ñandú Logística", places.MADRID),
    ("Lanterna Caffè", places.MILAN),
    ("Gelso e Figli Tessuti", places.MILAN),
    ("Ihlamur Çay Evi", places.ISTANBUL),
    ("Martı Denizcilik", places.ISTANBUL),
    ("Iroko Harvest", places.LAGOS),
    ("Danfo Tech Rides", places.LAGOS),
    ("Jacaranda Mobile Money", places.NAIROBI),
    ("Gulmohar Textiles", places.BENGALURU),
    ("Neemleaf Health Tech", places.BENGALURU),
    ("霞橋製作所", places.TOKYO),
    ("Kasumi Paper & Ink", places.TOKYO),
    ("Wattlebird Wines", places.SYDNEY),
)

_LATIN = {"霞橋製作所": "kasumibashi"}


def company_slug(name: str) -> str:
    """`cafe-minuit-fils`: the company's name in addresses."""
    return slug(_LATIN.get(name, name), "-")


def web_domain(name: str) -> str:
    """`cafe-minuit-fils.example.com`, where the company's web site and mailboxes are."""
    return f"{company_slug(name)}.example.com"


def companies(random: Random, calendar: Calendar) -> Iterator[Record]:
    """All of them; the first is complete and the oldest, some others lack much."""
    for number, (name, place) in enumerate(COMPANIES, 1):
        is_first = number == 1
        created = calendar.moment(-725 if is_first else -random.randrange(30, 720))
        author = random.choice([*(member.author for member in MEMBERS), IMPORT, IMPORT, WEB_FORM, SYSTEM])
        data: dict[str, Json] = {
            "id": str(demo_id("company", number)),
            "name": name,
            "position": number,
            "createdAt": written(created),
            "updatedAt": written(calendar.after(created, 200)),
            "idealCustomerProfile": is_first or random.random() < 0.3,
            "domainName": {"primaryLinkUrl": f"https://{web_domain(name)}", "primaryLinkLabel": name},
        }
        if is_first or random.random() < 0.85:
            data["employees"] = 84 if is_first else round(3 * 10 ** (random.random() * 3.2))
        if is_first or random.random() < 0.7:
            units = 10 ** (4.7 + random.random() * 3) * RATE[place.currency]
            data["annualRecurringRevenue"] = {
                "amountMicros": round(units / 1000) * 1000 * 1_000_000,
                "currencyCode": place.currency,
            }
        if is_first or random.random() < 0.85:
            data["address"] = _address(random, place)
        if random.random() < 0.6:
            data["linkedinLink"] = {"primaryLinkUrl": f"https://social.example.com/company/{company_slug(name)}"}
        if random.random() < 0.25:
            data["xLink"] = {"primaryLinkUrl": f"https://x.example.com/{company_slug(name).replace('-', '_')}"}
        if is_first or random.random() < 0.8:
            data["accountOwnerId"] = str(MEMBERS[0].id if is_first else random.choice(MEMBERS).id)
        yield Record(object="company", author=author, data=data)


def _address(random: Random, place: Place) -> dict[str, Json]:
    address: dict[str, Json] = {
        "addressStreet1": random.choice(place.streets).format(random.randrange(1, 180)),
        "addressCity": place.city,
        "addressPostcode": filled(random, place.postcode),
        "addressState": place.state,
        "addressCountry": place.country,
    }
    if random.random() < 0.15:
        address["addressStreet2"] = random.choice(("3rd floor", "Rear building", "Suite 12", "c/o Reception"))
    if random.random() < 0.5:
        address["addressLat"] = round(place.lat + random.uniform(-0.05, 0.05), 6)
        address["addressLng"] = round(place.lng + random.uniform(-0.05, 0.05), 6)
    return address
