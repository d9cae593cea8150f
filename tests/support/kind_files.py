"""Small files of every kind that is read, made in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from fractions import Fraction
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
_OFFICE = "http://schemas.openxmlformats.org"
_RELATIONS = f'<?xml version="1.0"?><Relationships xmlns="{_OFFICE}/package/2006/relationships">'


def picture_of(text: str, *, size: tuple[int, int] = (1000, 700), font_px: int = 40) -> Image.Image:
    """Draw text in black on white."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((60, 60), text, fill="black", font=ImageFont.load_default(font_px))
    return image


def photograph_of(text: str) -> Image.Image:
    """Draw a page, and turn and blur it a little, as a hand-held camera would."""
    page = picture_of(text, size=(1400, 1000), font_px=44)
    turned = page.rotate(
        1.5, expand=True, fillcolor=(226, 222, 214), resample=Image.Resampling.BICUBIC
    )
    return turned.filter(ImageFilter.GaussianBlur(1.0))


def image_bytes(image: Image.Image, form: str, **options: object) -> bytes:
    """Return a picture in one of Pillow's formats."""
    content = io.BytesIO()
    image.save(content, form, **options)  # type: ignore[arg-type]
    return content.getvalue()


def video_bytes(
    texts: Sequence[str],
    form: str = "mp4",
    codec: str = "libx264",
    *,
    each_s: int = 10,
    fps: int = 5,
    size: tuple[int, int] = (480, 270),
    spoken: Sequence[tuple[float, float, str]] = (),
    degrees: int = 0,
) -> bytes:
    """Return a video that shows one text after the other.

    spoken   subtitles: from and to which second, and what
    degrees  by which players turn it, counterclockwise
    """
    import av
    from av.packet import Packet

    content = io.BytesIO()
    with av.open(content, "w", format=form) as video:
        options = (
            {"preset": "ultrafast"}
            if codec == "libx264"
            else {"deadline": "realtime", "cpu-used": "8"}
        )
        stream: Any = video.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        if degrees:
            stream.set_display_rotation(degrees)
        captions: Any = None
        if spoken:
            captions = video.add_stream("subrip")
            captions.codec_context.subtitle_header = b"[Script Info]\n[Events]\n"
        for start_s, end_s, text in spoken:
            packet = Packet(text.encode())
            packet.stream, packet.time_base = captions, Fraction(1, 1000)
            packet.pts = packet.dts = round(start_s * 1000)
            packet.duration = round((end_s - start_s) * 1000)
            video.mux(packet)
        for text in texts:
            picture = av.VideoFrame.from_image(picture_of(text, size=size, font_px=24))
            for _ in range(each_s * fps):
                video.mux(stream.encode(picture))
        video.mux(stream.encode(None))
    return content.getvalue()


def zip_bytes(files: Mapping[str, str | bytes], *, stored: Sequence[str] = ()) -> bytes:
    """Return a ZIP archive of files; `stored` are not compressed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, data, kind)
    return content.getvalue()


def epub_bytes(*chapters: str) -> bytes:
    """Return a book, each chapter of which begins a page."""
    numbers = range(len(chapters))
    items = "".join(
        f'<item id="c{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="2.0">'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "c.opf": package,
    }
    for n in numbers:
        body = f"<body><h1>Chapter {n + 1}</h1><p>{chapters[n]}</p></body>"
        files[f"{n}.xhtml"] = f'<html xmlns="http://www.w3.org/1999/xhtml">{body}</html>'
    return zip_bytes(files, stored=["mimetype"])


def mail_bytes(subject: str, text: str, files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a message with attachments."""
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@example.org>", "bob@example.org"
    message["Subject"], message["Date"] = subject, "Fri, 27 Nov 2026 10:00:00 +0000"
    message.set_content(text)
    for name, data in (files or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(message)


def _package(part: str, kind: str, extra: Mapping[str, str | bytes], overrides: str = "") -> bytes:
    """Return an Office Open XML package with a main part."""
    types = (
        f'<?xml version="1.0"?><Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}'
        f'.main+xml"/>{overrides}</Types>'
    )
    document = f"{_OFFICE}/officeDocument/2006/relationships/officeDocument"
    first = f'<Relationship Id="r1" Type="{document}" Target="{part}"/>'
    return zip_bytes(
        {"[Content_Types].xml": types, "_rels/.rels": f"{_RELATIONS}{first}</Relationships>"}
        | dict(extra)
    )


def xlsx_bytes(*sheets: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook, each sheet of which has rows of cells."""
    texts = [text for rows in sheets for row in rows for text in row]
    strings = iter(range(len(texts)))
    main = f"{_OFFICE}/spreadsheetml/2006/main"
    relation = f"{_OFFICE}/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    entries = relations = overrides = ""
    parts: dict[str, str | bytes] = {}
    for number, rows in enumerate(sheets, 1):
        cells = "".join(
            "<row>" + "".join(f'<c t="s"><v>{next(strings)}</v></c>' for _ in row) + "</row>"
            for row in rows
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
        entries += f'<sheet name="Sheet {number}" sheetId="{number}" r:id="s{number}"/>'
        target = f"worksheets/sheet{number}.xml"
        relations += f'<Relationship Id="s{number}" Type="{relation}/worksheet" Target="{target}"/>'
        overrides += f'<Override PartName="/xl/{target}" ContentType="{kind}.worksheet+xml"/>'
    relations += (
        f'<Relationship Id="r2" Type="{relation}/sharedStrings" Target="sharedStrings.xml"/>'
    )
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    parts |= {
        "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{relation}">'
        f"<sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{_RELATIONS}{relations}</Relationships>",
        "xl/sharedStrings.xml": f'<?xml version="1.0"?><sst xmlns="{main}">{items}</sst>',
    }
    overrides += (
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>'
    )
    return _package("xl/workbook.xml", "spreadsheetml.sheet", parts, overrides)


def odp_bytes(*slides: str) -> bytes:
    """Return slides of OpenDocument, each with a text."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(
        f'xmlns:{prefix}="{names}:{name}:1.0"'
        for prefix, name in (
            ("office", "office"), ("draw", "drawing"), ("text", "text"), ("svg", "svg-compatible")
        )
    )  # fmt: skip
    place = 'svg:x="2cm" svg:y="3cm" svg:width="20cm" svg:height="4cm"'
    pages = "".join(
        f'<draw:page draw:name="{number}"><draw:frame {place}><draw:text-box><text:p>{text}</text:p>'
        "</draw:text-box></draw:frame></draw:page>"
        for number, text in enumerate(slides, 1)
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f"<office:presentation>{pages}</office:presentation></office:body></office:document-content>"
    )
    media_type = "application/vnd.oasis.opendocument.presentation"
    entry = "manifest:file-entry manifest:full-path"
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{names}:manifest:1.0" '
        f'manifest:version="1.2"><{entry}="/" manifest:media-type="{media_type}"/>'
        f'<{entry}="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    files = {"mimetype": media_type, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zip_bytes(files, stored=["mimetype"])


def docx_bytes(text: str, *, relations: str = "", body: str = "") -> bytes:
    """Return a Word document of a paragraph; `relations` and `body` are added as they are."""
    content = (
        f'<?xml version="1.0"?><w:document xmlns:w="{_OFFICE}/wordprocessingml/2006/main" '
        f'xmlns:r="{_OFFICE}/officeDocument/2006/relationships"><w:body>'
        f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>{body}</w:body></w:document>"
    )
    return _package(
        "word/document.xml",
        "wordprocessingml.document",
        {
            "word/_rels/document.xml.rels": f"{_RELATIONS}{relations}</Relationships>",
            "word/document.xml": content,
        },
    )
