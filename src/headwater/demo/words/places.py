"""Places, streets, and the words that name a platform, its albums and the models. None is on a map."""

TOWNS: tuple[str, ...] = (
    "Ambersund", "Anchorby", "Beaconby", "Birchsund", "Breezeby", "Cedarsund", "Cliffby", "Coralsund", "Driftby",
    "Eidersund", "Fernsund", "Fjordby", "Flintby", "Frostby", "Galesund", "Granitby", "Gullsund", "Havsund", "Heronby",
    "Islandby", "Kelpsund", "Lanternby", "Lindenby", "Mistsund", "Mossby", "Oakby", "Ospreyby", "Pebbleby",
    "Petrelsund", "Quartzby", "Reefsund", "Rowanby", "Saltby", "Sandsund", "Slateby", "Stormby", "Swansund", "Ternby",
    "Tidesund", "Willowby",
)  # fmt: skip
STREETS: tuple[str, ...] = ("Street", "Lane", "Road", "Quay", "Square", "Walk", "Terrace", "Avenue")
LIGHTHOUSES: tuple[str, ...] = (
    "brineholm", "coralnes", "driftholm", "eidernes", "fernholm", "fjordnes", "flintholm", "foamholm", "frostnes",
    "galeholm", "granitnes", "gullholm", "heronnes", "kelpholm", "lanternes", "mistholm", "ospreynes", "petrelnes",
    "quartzholm", "reefnes", "saltholm", "skarvnes", "slateholm", "stormnes", "swanholm", "ternholm", "tidenes",
    "waveholm", "wrennes",
)  # fmt: skip
PLATFORMS: tuple[str, ...] = (
    "anchorage", "beacon", "breakwater", "coastline", "foghorn", "harbour", "headland", "keelson", "lamplight",
    "lantern", "lighthouse", "mooring", "northlight", "seamark", "skerry", "tideline",
)  # fmt: skip
SITES: tuple[str, ...] = ("gallery", "albums", "collection", "prints")
ALBUMS: tuple[str, ...] = (
    "autumn", "beacons", "clouds", "fog", "harbour", "horizon", "islands", "night", "north", "snow", "storm", "summer",
    "sunset", "tides", "waves", "winter",
)  # fmt: skip
MODELS: tuple[str, ...] = (
    "basalt", "cirrus", "citrine", "coralmix", "cumulus", "dolomite", "driftmix", "glacier", "granite", "halcyon",
    "lagoon", "mistral", "monsoon", "nimbus", "obsidian", "quartz", "sapphire", "seaglass", "tundra", "zephyr",
)  # fmt: skip
MAKES: tuple[str, ...] = (
    "Fjordcam", "Grimsolt", "Havblik", "Klippe", "Lumidal", "Nordlys", "Okulus", "Polarlys", "Seaview", "Solvang",
)  # fmt: skip
