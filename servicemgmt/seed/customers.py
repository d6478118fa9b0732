"""Twenty-five customers with their sites, sixty service objects and the parts that go into them."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stdnum.iso7064 import mod_11_10

from agreements.models import ServiceObject, ServiceObjectGroup
from agreements.operations import create_objects
from servicemgmt.core.editing import create_rows
from servicemgmt.core.models import User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.operations import Receipt, receive_all
from servicemgmt.masterdata.models import (
    Contact,
    Currency,
    Customer,
    CustomerTaxGroup,
    Item,
    ItemTaxGroup,
    PaymentTerm,
    Site,
    Unit,
)

from .masters import Masters
from .people import BERLIN, LONDON, slug

# name, street, postal code, city, how many sites
BERLIN_CUSTOMERS = [
    ("Bäckerei Huber & Söhne", "Kastanienallee 8", "10435", "Berlin", 2),
    ("Nordlicht Kliniken gGmbH", "Am Krankenhaus 1", "13353", "Berlin", 2),
    ("Stadtwerke Moosach", "Werkstraße 40", "12099", "Berlin", 1),
    ("Hotel Adlerhof", "Unter den Eichen 77", "12203", "Berlin", 1),
    ("Campus Nord Immobilien", "Invalidenstraße 110", "10115", "Berlin", 3),
    ("Praxis Dr. Yılmaz", "Sonnenallee 15", "12047", "Berlin", 1),
    ("Metallbau Krüger KG", "Industriestraße 22", "12459", "Berlin", 1),
    ("Kita Sonnenschein", "Gartenweg 3", "13187", "Berlin", 1),
    ("Alpen Cold Storage GmbH", "Kühlhausring 5", "14974", "Ludwigsfelde", 1),
    ("Druckerei Feldmann", "Setzergasse 9", "10969", "Berlin", 1),
    ("Wohnbau Spree eG", "Uferpromenade 60", "10997", "Berlin", 3),
    ("Theater am Park", "Parkallee 2", "10785", "Berlin", 1),
    ("Rechenzentrum Ost AG", "Serverstraße 1", "12681", "Berlin", 1),
    ("Brauerei Lindenhof", "Malzweg 14", "13086", "Berlin", 1),
    ("Logistik Zentrum Süd", "Am Güterbahnhof 30", "12529", "Schönefeld", 1),
    ("Museum der Technik", "Trebbiner Straße 9", "10963", "Berlin", 1),
    ("Seniorenheim Abendrot", "Lindenstraße 51", "12555", "Berlin", 1),
]
WRITTEN_IN_GERMAN = ["Brauerei Lindenhof", "Museum der Technik"]
LONDON_CUSTOMERS = [
    ("Harbour Cold Stores Ltd", "12 Wharf Road", "E14 3QS", "London", 1),
    ("Southbank Theatre Trust", "3 Upper Ground", "SE1 9PP", "London", 1),
    ("Kingsway Offices plc", "88 Kingsway", "WC2B 6AA", "London", 2),
    ("Marlow Road School", "41 Marlow Road", "E6 3QG", "London", 1),
    ("Thames Brewing Co", "7 Brewer Street", "SW18 2LS", "London", 1),
    ("Greenwich Clinic", "19 Park Vista", "SE10 9LZ", "London", 1),
    ("Camden Print Works", "5 Canal Yard", "NW1 9RD", "London", 1),
]
MINE = ("Ironbark Mining Pty Ltd", "Mine Access Road", "6753", "Newman", 1)
PERTH = "Australia/Perth"
DIALLING = {"DE": "49 30", "GB": "44 20", "AU": "61 8"}
CENTRES = {BERLIN: (52.52, 13.40), LONDON: (51.51, -0.12), PERTH: (-23.36, 119.73)}
# group, what, maker's type
KINDS = [
    ("HVAC", "Air handling unit", "Ventus 4000"),
    ("HVAC", "Chiller", "Frigo C250"),
    ("HVAC", "Heat pump", "Therma 16"),
    ("HVAC", "Gas boiler", "Calor 90"),
    ("LIFT", "Passenger lift", "Elevo 8"),
    ("LIFT", "Goods lift", "Elevo 20"),
    ("DOOR", "Sliding door", "Portal S"),
    ("DOOR", "Fire door", "Portal F90"),
    ("POWER", "Emergency generator", "Volta 120"),
    ("POWER", "UPS", "Volta U20"),
]
ACCESS_NOTES = [
    "Ring at the porter's lodge.",
    "Key in the safe, code from the contact.",
    "Ask for the caretaker.",
    "",
]
# number, name, unit, cost, sales
PARTS = [
    ("F-100", "Pocket filter F7", "PC", "18.40", "34.90"),
    ("F-110", "Panel filter G4", "PC", "6.20", "12.50"),
    ("B-200", "V-belt XPZ 1250", "PC", "9.75", "21.00"),
    ("B-210", "Bearing 6206-2RS", "PC", "11.30", "26.80"),
    ("R-300", "Refrigerant R-32", "L", "24.00", "49.00"),
    ("O-310", "Compressor oil", "L", "13.50", "27.00"),
    ("E-400", "Control board C4", "PC", "148.00", "289.00"),
    ("E-410", "Temperature sensor", "PC", "14.20", "32.00"),
    ("E-420", "UPS battery 12 V 9 Ah", "PC", "21.60", "44.00"),
    ("D-500", "Door operator belt", "PC", "17.80", "39.50"),
    ("D-510", "Light curtain", "PC", "126.00", "240.00"),
    ("L-600", "Guide shoe insert", "PC", "8.90", "19.90"),
]


#: So many of the first parts lie in every van, and of each so many.
IN_VANS, IN_VAN, IN_STORE = 5, 30, 200
#: The company works with some of the objects, the mine's come with its history.
OBJECTS = 60


@dataclass(frozen=True)
class Base:
    """Whom the company works for and on what; contacts, sites and objects by the customer's key."""

    customers: list[Customer]
    contacts: dict[int, Contact]
    sites: dict[int, list[Site]]
    objects: dict[int, list[ServiceObject]]
    items: list[Item]


def vat_of(country: str, number: int) -> str:
    """A VAT number of nine digits; a German one ends with its check digit."""
    digits = str(number)
    return (
        f"DE{digits[:8]}{mod_11_10.calc_check_digit(digits[:8])}" if country == "DE" else f"{country}{digits}"
    )


def seed_customers(masters: Masters, by: User, today: date, dice: random.Random) -> Base:
    """Twenty-five customers in three zones, their objects and the stock of parts as it was 75 days ago."""
    rows = [
        *((row, BERLIN, "EUR", "DOMESTIC", "DE") for row in BERLIN_CUSTOMERS),
        *((row, LONDON, "GBP", "ABROAD", "GB") for row in LONDON_CUSTOMERS),
        (MINE, PERTH, "AUD", "ABROAD", "AU"),
    ]
    customers = create_rows(
        (
            Customer(
                name=name,
                email=f"facility@{slug(name).replace('.', '')[:20]}.example",
                invoice_email="" if n % 3 else f"invoices@{slug(name).replace('.', '')[:20]}.example",
                phone=f"+{DIALLING[country]} 555 {dice.randrange(1000, 9999)}",
                currency=masters(Currency, currency),
                tax_group=masters(CustomerTaxGroup, group),
                tax_number=vat_of(country, dice.randrange(100000000, 999999999)),
                payment_term=masters(PaymentTerm, dice.choice(["N14", "N30"])),
                street=street,
                postal_code=postal_code,
                city=city,
                country=country,
                language="de" if name in WRITTEN_IN_GERMAN else "en",
            )
            for n, ((name, street, postal_code, city, _sites), _zone, currency, group, country) in enumerate(
                rows
            )
        ),
        by=by,
        sequence="customer",
    )
    contacts = seed_contacts(customers, by, dice)
    sites: dict[int, list[Site]] = {customer.pk: [] for customer in customers}
    made = [
        new_site(customer, number, zone, dice)
        for customer, (row, zone, *_money) in zip(customers, rows, strict=True)
        for number in range(row[4])
    ]
    for site in create_rows(made, by=by, sequence="site"):
        sites[site.customer_id].append(site)
    items = seed_items(masters, by, today)
    objects = seed_objects(masters, customers, sites, by, today, dice)
    return Base(customers, {row.customer_id: row for row in contacts}, sites, objects, items)


def seed_contacts(customers: list[Customer], by: User, dice: random.Random) -> list[Contact]:
    return create_rows(
        (
            Contact(
                customer=customer,
                name=contact_name(dice),
                role="Facility manager",
                phone=customer.phone,
                email=customer.email,
            )
            for customer in customers
        ),
        by=by,
    )


def contact_name(dice: random.Random) -> str:
    first = ["Anna", "Karim", "Nora", "Felix", "Ruth", "Iris", "Tom", "Vera", "Leo", "Mina"]
    last = ["Albrecht", "Kaya", "Fischer", "Evans", "Clarke", "Sommer", "Brandt", "Hughes", "Lang", "Petrov"]
    return f"{dice.choice(first)} {dice.choice(last)}"


def new_site(customer: Customer, number: int, zone: str, dice: random.Random) -> Site:
    latitude, longitude = CENTRES[zone]
    return Site(
        customer=customer,
        name=["Main building", "Warehouse", "Annex"][number],
        time_zone=zone,
        phone=customer.phone,
        latitude=Decimal(f"{latitude + dice.uniform(-0.08, 0.08):.6f}"),
        longitude=Decimal(f"{longitude + dice.uniform(-0.12, 0.12):.6f}"),
        access_note=dice.choice(ACCESS_NOTES),
        street=customer.street,
        postal_code=customer.postal_code,
        city=customer.city,
        country=customer.country,
    )


def seed_items(masters: Masters, by: User, today: date) -> list[Item]:
    """The parts: two hundred of each in the main store, thirty of the usual ones in every van."""
    items = create_rows(
        (
            Item(
                number=number,
                name=name,
                unit=masters(Unit, unit),
                tax_group=masters(ItemTaxGroup, "FULL"),
                cost_price=Decimal(cost),
                sales_price=Decimal(sales),
            )
            for number, name, unit, cost, sales in PARTS
        ),
        by=by,
    )
    receipts = [
        Receipt(item, warehouse, Decimal(quantity), quantity * item.cost_price)
        for warehouse in Warehouse.objects.order_by("pk")
        for quantity in [IN_VAN if warehouse.worker_id else IN_STORE]
        for item in (items[:IN_VANS] if warehouse.worker_id else items)
    ]
    receive_all(receipts, on=today - timedelta(days=75), by=by, text="Opening stock")
    return items


def seed_objects(
    masters: Masters,
    customers: list[Customer],
    sites: dict[int, list[Site]],
    by: User,
    today: date,
    dice: random.Random,
) -> dict[int, list[ServiceObject]]:
    """Sixty objects of every kind in both cities, at least two for each customer but the mine."""
    visited = [customer for customer in customers if customer.country != "AU"]
    made = []
    for number in range(OBJECTS):
        customer = visited[number % len(visited)]
        group, what, type_name = KINDS[(number + number // len(visited)) % len(KINDS)]
        installed = today - timedelta(days=dice.randrange(200, 3000))
        made.append(
            ServiceObject(
                description=f"{what} {type_name}",
                group=masters(ServiceObjectGroup, group),
                customer=customer,
                site=sites[customer.pk][number // len(visited) % len(sites[customer.pk])],
                serial_number=f"{type_name[:2].upper()}{installed:%y}-{dice.randrange(10000, 99999)}",
                warranty_parts_until=installed + timedelta(days=730),
                warranty_labour_until=installed + timedelta(days=365),
            )
        )
    new = max(made, key=lambda row: row.warranty_labour_until or today)
    new.warranty_labour_percent = Decimal(50)
    objects: dict[int, list[ServiceObject]] = {customer.pk: [] for customer in customers}
    for row in create_objects(made, by=by):
        objects[row.customer_id].append(row)
    return objects
