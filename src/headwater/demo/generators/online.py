"""What an online generator writes into its PNG, and an XMP packet that declares where a picture comes from."""

from headwater.demo.generators.draft import Draft, compact


def novelai_text(draft: Draft) -> dict[str, str]:
    """Write NovelAI's text chunks, without the signed hash (no key of theirs is at hand)."""
    comment = {
        "prompt": draft.prompt, "steps": draft.steps, "height": draft.height, "width": draft.width,
        "scale": draft.cfg, "seed": draft.seed, "sampler": "k_euler_ancestral", "uc": draft.negative,
        "request_type": "PromptGenerateRequest",
    }  # fmt: skip
    return {
        "Title": "AI generated image", "Description": draft.prompt, "Software": "NovelAI",
        "Source": "Stable Diffusion XL 7BCCAA2C", "Generation time": "3.4180", "Comment": compact(comment),
    }  # fmt: skip


def xmp_packet(source_type: str, tool: str) -> bytes:
    """Write an XMP packet that declares an IPTC DigitalSourceType, written by `tool`."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' xmp:CreatorTool="{tool}" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/'
        f'{source_type}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
