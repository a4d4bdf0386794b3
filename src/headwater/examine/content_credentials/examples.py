"""Benign bytes with content credentials: one grey pixel, signed by a key that was made for it and thrown away."""

import zlib
from base64 import b64decode

from headwater.examine.declared_examples import XMP_HEADER, packet
from headwater.examine.examiner import Example
from headwater.examine.metadata_examples import jpeg, png, segment

_SIGNED = zlib.decompress(
    b64decode(
        "eNrtVH1ME2cYv2tLwQJWAYE5dBBE5KPttbSlYFgAYcLG0A1Q2Bbx7X3X9nrcXUuNzAEqhBmnm06yYRyIxk0H7iM6l5gYP+YfxC+U+TVhatS5jS"
        "jGuLgZYXftiTDdFv/YP4vP5fre+/T3/J7nfZ7fXcv80rnhmqkaCILCi4sKXhdXWLpDxB8oe3lbBQSF1qIgv1JaHR6XXXRPF1cMNbEAmgxNqoeg"
        "HZCtrUbpd4io12TU3ADKNR7l4ZhsCZltyrKbjJglQ5eZYbHpzBlGi85GmBCdzUqYjajZnJEBJDp4t0yXEqAD/GNJ9YDncU6g3QwvFX1ADsjzB9"
        "jd3NiAyEAA6kfrvSYpIBY18dTZIH5P+9D+nk1RP450dr/SKPp9UnAHKYMbthCBJ6efAuVwIOBYDUaTtACcZW4Ph+LlS1ncl0MJApttMKBePc0K"
        "qN7NkQYGr+VRN4bzBhnP+/GCiH/omQNYwcPhYt5D8gFy//4AFOApPQYEMFo/l7lekZR0qWSXWR1hWCv8LPqXSbHbHLgPdXr4wBFwXgCcEJtAOH"
        "GGFKjnQldgDHDhjJSRiHcBhiZECAqcJMFTwGSxYlKmyviOnQ/yJvBfTI5LeHNHc9vmi2ezrsN429Y8amYreVT/fgjKAqwIGjVFuHyE5MDQUOfj"
        "Q0OdgHYFJgAPSJVud9CMWB6D4sUFvnSfi9XTNJZtwyy2LLvNrEMtJovODBCbDhBGmw6322zWrEyLxWoxCn6uahJncA4Ibq6aZgh3p/9kRD4OUD"
        "dDenFOagEw1orj0IseAWcE4BEovVRMNccTiD7LqM+geZpkgDQI36s87iQS/Z3JMUgow1Np1x+iH6XjZMFUPxJrwxbUwzl9KWPy/EXOhvHDlofR"
        "bSvIjV50aNftAZL76AqW6Jvr7FqtGrmgOMV+fH1f4wyeBAKFc0/KlfpvuR69GXKyQfWttSB1yXBXhcUxtTD1rSZ4YNnv+3/58O6R+0RLf38bha"
        "HZAi048SUU4OyiqvUsQ44REAQF58pimCWL4Qlv8GibRFjwJEkNp1ZWKfq2wMmxCY1V8DtII7xMvHXtSgWsUCiCTyJBamUaziIpxkhkslpZodKE"
        "aUpokhIot4fHjRHIJMmpDJtQLuo5nnO7BSQ+JtxkRYzi5bc3YrUm4zgHkvZksigkIkAW6ieTasU5JFUuQZkApfctOJ2lzikaLrIdLt+YnPZH2Y"
        "nedO/Jt+ftvtHEHtm4vtOD8EiYyDEtEoZHVAoEQiZKO620UykVwfVIpLRPUoUhGnVImhoOCgpWqpBpknOiKloV5Zr5/KqFNXU79+3Yqzi9+lei"
        "abCnHXlB+jtRFYtE10d9kP7Zigfbvp6/N6FsYN6V1kvs1ZjChwXmQdbMmk11jkXrRhr6j2gXnkiZ8c2a/B/uW1zLz70Y/GXUPq7T7hhIWNUV91"
        "NK+62472M2HsjpXx8/OKU3qXlr3VYoUlsFF4vdL0Qa7skDUN74TwbwFGRj2j/kvHx8G6eEze5vb184uNRa57383ZSWa2f4u8MRdwzFhzvzkVxE"
        "O9r+IEQpLuMnAKvHNPufe7n5/p2bn8xkQ9+72HnRfHRvyYPF1WfjjK5jQ5XTe690hDYZW9bVd33V3r0hunX43vHmc5bkwd7tiYmlTSVl5y9/ej"
        "OkQ/pWVimvQs/smT2z/7X9Vpnb1pM7cfqxltnvllafGdkQGVO5eU7KJYfKWzEr+tqUzDNrbo/Mbuj7nN1wNc178Py6nj1FC3af6NMWvNSa7gBK"
        "7csa7VDccpFJU1yQV+7bhFLicyPUUHuM2yMlKC4sLejOX9z4J5sMnhQ="
    )
)
_URL = "https://credentials.example/lighthouse.c2pa"

EXAMPLES = (
    Example(name="signed.png", data=_SIGNED, expected=(("c2pa.state", None), ("c2pa.manifest", None))),
    Example(
        name="kept elsewhere.jpg",
        data=jpeg(segment(0xE1, XMP_HEADER + packet(f"<dcterms:provenance>{_URL}</dcterms:provenance>"))),
        expected=(("c2pa.remote", f'{{"url":"{_URL}"}}'),),
    ),
    Example(name="plain.png", data=png(), expected=(("c2pa.state", ""),)),
)
