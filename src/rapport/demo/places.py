"""The places where the demo's companies are, with what a local address and telephone number look like.

Numbers come from the ranges that the countries' regulators keep for films and fiction; a place without such a range
has none. In patterns `#` stands for a digit.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    city: str
    country: str
    currency: str
    culture: str  # key of names.CULTURES
    streets: tuple[str, ...]  # `{}` is the house number
    postcode: str
    lat: float
    lng: float
    time_zone: str
    state: str | None = None
    region: str | None = None  # ISO country of the telephone number
    phone: str | None = None


SAN_FRANCISCO = Place(
    city="San Francisco", state="CA", country="United States", currency="USD", culture="english",
    streets=("{} Larkspur Street", "{} Fogline Avenue", "{} Cannery Row"), postcode="941##",
    lat=37.7749, lng=-122.4194, time_zone="America/Los_Angeles", region="US", phone="+1415555 01##",
)  # fmt: skip
NEW_YORK = Place(
    city="New York", state="NY", country="United States", currency="USD", culture="english",
    streets=("{} Harbor Lane", "{} West Quarry Street", "{} Tenth Court"), postcode="100##",
    lat=40.7128, lng=-74.006, time_zone="America/New_York", region="US", phone="+1212555 01##",
)  # fmt: skip
TORONTO = Place(
    city="Toronto", state="ON", country="Canada", currency="CAD", culture="english",
    streets=("{} Birchmill Road", "{} Lakeside Crescent"), postcode="M5V #K#",
    lat=43.6532, lng=-79.3832, time_zone="America/Toronto", region="CA", phone="+1416555 01##",
)  # fmt: skip
MEXICO_CITY = Place(
    city="Ciudad de México", country="Mexico", currency="MXN", culture="spanish",
    streets=("Calle del Colibrí {}", "Avenida de los Fresnos {}"), postcode="06###",
    lat=19.4326, lng=-99.1332, time_zone="America/Mexico_City",
)  # fmt: skip
SAO_PAULO = Place(
    city="São Paulo", state="SP", country="Brazil", currency="BRL", culture="portuguese",
    streets=("Rua das Jabuticabas, {}", "Avenida do Ipê, {}"), postcode="01###-###",
    lat=-23.5505, lng=-46.6333, time_zone="America/Sao_Paulo",
)  # fmt: skip
LONDON = Place(
    city="London", country="United Kingdom", currency="GBP", culture="english",
    streets=("{} Tallow Yard", "{} Heron Wharf", "{} St Brannock's Row"), postcode="E1# #PX",
    lat=51.5072, lng=-0.1276, time_zone="Europe/London", region="GB", phone="+44207946 0###",
)  # fmt: skip
DUBLIN = Place(
    city="Dublin", country="Ireland", currency="EUR", culture="irish",
    streets=("{} Upper Saltmarsh Street", "{} Tanner's Quay"), postcode="D0# F###",
    lat=53.3498, lng=-6.2603, time_zone="Europe/Dublin", region="IE", phone="+35320 91# ####",
)  # fmt: skip
PARIS = Place(
    city="Paris", country="France", currency="EUR", culture="french",
    streets=("{} rue des Tilleuls-Bleus", "{} quai de l'Écluse", "{} passage du Héron"), postcode="750##",
    lat=48.8566, lng=2.3522, time_zone="Europe/Paris", region="FR", phone="+33 1 9900 ####",
)  # fmt: skip
LYON = Place(
    city="Lyon", country="France", currency="EUR", culture="french",
    streets=("{} montée des Tisserands", "{} place du Vieux-Four"), postcode="6900#",
    lat=45.764, lng=4.8357, time_zone="Europe/Paris", region="FR", phone="+33 4 6571 ####",
)  # fmt: skip
BERLIN = Place(
    city="Berlin", country="Germany", currency="EUR", culture="german",
    streets=("Erlkönigstraße {}", "Am Spreebogenpfad {}", "Kranichallee {}"), postcode="10###",
    lat=52.52, lng=13.405, time_zone="Europe/Berlin", region="DE", phone="+49 30 23125 ###",
)  # fmt: skip
MUNICH = Place(
    city="München", country="Germany", currency="EUR", culture="german",
    streets=("Glockenblumenweg {}", "Hopfengasse {}"), postcode="80###",
    lat=48.1351, lng=11.582, time_zone="Europe/Berlin", region="DE", phone="+49 89 99998 ###",
)  # fmt: skip
ZURICH = Place(
    city="Zürich", country="Switzerland", currency="CHF", culture="german",
    streets=("Lindenhalde {}", "Murmeliweg {}"), postcode="80##",
    lat=47.3769, lng=8.5417, time_zone="Europe/Zurich",
)  # fmt: skip
STOCKHOLM = Place(
    city="Stockholm", country="Sweden", currency="SEK", culture="nordic",
    streets=("Blåbärsgatan {}", "Älgstigen {}"), postcode="11# ##",
    lat=59.3293, lng=18.0686, time_zone="Europe/Stockholm", region="SE", phone="+46 8 465 004 ##",
)  # fmt: skip
COPENHAGEN = Place(
    city="København", country="Denmark", currency="DKK", culture="nordic",
    streets=("Rågvænget {}", "Søhestevej {}"), postcode="21##",
    lat=55.6761, lng=12.5683, time_zone="Europe/Copenhagen",
)  # fmt: skip
KRAKOW = Place(
    city="Kraków", country="Poland", currency="PLN", culture="polish",
    streets=("ul. Żurawia Łąka {}", "ul. Srebrnych Świerków {}"), postcode="31-###",
    lat=50.0647, lng=19.945, time_zone="Europe/Warsaw",
)  # fmt: skip
PRAGUE = Place(
    city="Praha", country="Czechia", currency="CZK", culture="czech",
    streets=("Jeřábí ulice {}", "U Třešňového sadu {}"), postcode="1## 00",
    lat=50.0755, lng=14.4378, time_zone="Europe/Prague",
)  # fmt: skip
LISBON = Place(
    city="Lisboa", country="Portugal", currency="EUR", culture="portuguese",
    streets=("Rua do Limoeiro Velho, {}", "Travessa das Gaivotas, {}"), postcode="11##-###",
    lat=38.7223, lng=-9.1393, time_zone="Europe/Lisbon",
)  # fmt: skip
MADRID = Place(
    city="Madrid", country="Spain", currency="EUR", culture="spanish",
    streets=("Calle de la Golondrina {}", "Paseo del Almendro {}"), postcode="280##",
    lat=40.4168, lng=-3.7038, time_zone="Europe/Madrid",
)  # fmt: skip
MILAN = Place(
    city="Milano", country="Italy", currency="EUR", culture="italian",
    streets=("Via dei Gelsi {}", "Corso della Lanterna {}"), postcode="201##",
    lat=45.4642, lng=9.19, time_zone="Europe/Rome",
)  # fmt: skip
ISTANBUL = Place(
    city="İstanbul", country="Türkiye", currency="TRY", culture="turkish",
    streets=("Ihlamurlu Sokağı {}", "Martı Caddesi {}"), postcode="34###",
    lat=41.0082, lng=28.9784, time_zone="Europe/Istanbul",
)  # fmt: skip
LAGOS = Place(
    city="Lagos", country="Nigeria", currency="NGN", culture="nigerian",
    streets=("{} Iroko Close", "{} Baobab Street"), postcode="10####",
    lat=6.5244, lng=3.3792, time_zone="Africa/Lagos",
)  # fmt: skip
NAIROBI = Place(
    city="Nairobi", country="Kenya", currency="KES", culture="kenyan",
    streets=("{} Jacaranda Rise", "{} Acacia Loop"), postcode="00###",
    lat=-1.2921, lng=36.8219, time_zone="Africa/Nairobi",
)  # fmt: skip
BENGALURU = Place(
    city="Bengaluru", state="Karnataka", country="India", currency="INR", culture="indian",
    streets=("{}, Gulmohar Layout", "{}, Second Cross, Neem Colony"), postcode="560###",
    lat=12.9716, lng=77.5946, time_zone="Asia/Kolkata",
)  # fmt: skip
TOKYO = Place(
    city="東京", country="Japan", currency="JPY", culture="japanese",
    streets=("霞橋{}丁目", "{} Kasumibashi"), postcode="10#-####",
    lat=35.6762, lng=139.6503, time_zone="Asia/Tokyo",
)  # fmt: skip
SYDNEY = Place(
    city="Sydney", state="NSW", country="Australia", currency="AUD", culture="english",
    streets=("{} Wattlebird Parade", "{} Banksia Lane"), postcode="20##",
    lat=-33.8688, lng=151.2093, time_zone="Australia/Sydney", region="AU", phone="+61 2 5550 ####",
)  # fmt: skip

PLACES = (
    SAN_FRANCISCO, NEW_YORK, TORONTO, MEXICO_CITY, SAO_PAULO, LONDON, DUBLIN, PARIS, LYON, BERLIN, MUNICH, ZURICH,
    STOCKHOLM, COPENHAGEN, KRAKOW, PRAGUE, LISBON, MADRID, MILAN, ISTANBUL, LAGOS, NAIROBI, BENGALURU, TOKYO, SYDNEY,
)  # fmt: skip

# Units of a currency for one US dollar, roughly: amounts should look usual where they are.
RATE = {
    "USD": 1.0, "CAD": 1.4, "MXN": 18.0, "BRL": 5.5, "GBP": 0.8, "EUR": 0.9, "CHF": 0.9, "SEK": 10.0, "DKK": 7.0,
    "PLN": 4.0, "CZK": 22.0, "TRY": 40.0, "NGN": 1500.0, "KES": 130.0, "INR": 85.0, "JPY": 150.0, "AUD": 1.5,
}  # fmt: skip
