"""Given names: single words of nature. No real person is meant."""

GIVEN: tuple[str, ...] = (
    "Alder", "Amber", "Anemone", "Aspen", "Aster", "Aurora", "Avocet", "Azure", "Basalt", "Bay", "Beryl", "Birch",
    "Breeze", "Brook", "Bryony", "Cedar", "Cirrus", "Citrine", "Clover", "Coral", "Cormorant", "Cove", "Crane",
    "Cumulus", "Curlew", "Cypress", "Dahlia", "Dawn", "Delta", "Dolomite", "Dune", "Dunlin", "Dusk", "Eider", "Elm",
    "Ember", "Fern", "Finch", "Fjord", "Flint", "Frost", "Fulmar", "Gannet", "Garnet", "Glacier", "Godwit", "Granite",
    "Grebe", "Guillemot", "Halcyon", "Harbour", "Hazel", "Heath", "Heather", "Heron", "Holly", "Horizon", "Ibis",
    "Iris", "Island", "Ivy", "Jade", "Jasper", "Juniper", "Kelp", "Kestrel", "Lagoon", "Lapwing", "Larch", "Lark",
    "Laurel", "Lichen", "Lilac", "Linden", "Linnet", "Lupin", "Maple", "Marble", "Marina", "Meadow", "Merlin", "Mica",
    "Mistral", "Monsoon", "Moss", "Nimbus", "Oak", "Olive", "Onyx", "Opal", "Orchid", "Oriole", "Osprey", "Pearl",
    "Pebble", "Petrel", "Plover", "Poplar", "Primrose", "Puffin", "Quartz", "Quill", "Reed", "Reef", "Ridge", "River",
    "Robin", "Rowan", "Ruby", "Saffron", "Sage", "Sandpiper", "Sapphire", "Sequoia", "Shale", "Shore", "Skylark",
    "Slate", "Sorrel", "Spruce", "Starling", "Storm", "Sunrise", "Swan", "Swift", "Sycamore", "Teal", "Tern",
    "Thistle", "Tide", "Topaz", "Tulip", "Turnstone", "Valley", "Verbena", "Violet", "Wave", "Whimbrel", "Wigeon",
    "Willow", "Wren", "Yarrow", "Zephyr",
)  # fmt: skip
