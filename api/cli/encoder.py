"""`pagesight encoder`: the model of one process computes for others."""

from __future__ import annotations

from typing import Annotated

import typer

from api.base.errors import InvalidSettings, ServiceOpen
from api.base.settings import load_settings
from api.cli.output import to_stderr


def encoder(
    host: Annotated[str | None, typer.Option(help="Address [default: PAGESIGHT_HOST]")] = None,
    port: Annotated[int, typer.Option(help="Port.")] = 8100,
) -> None:
    """Serve the encoder of PAGESIGHT_ENCODER to processes whose PAGESIGHT_ENCODER_URL is its address.

    It needs no data folder and no database, and listens when the model is loaded.
    """
    from api.base.logs import configure_logs
    from api.encoding.app import create_encoder_app
    from api.http.hosts import is_this_machine
    from api.serve.process import listen
    from api.services.engines import make_encoders

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    if settings.encoder_url:
        raise InvalidSettings("this process is the encoder: unset PAGESIGHT_ENCODER_URL for it")
    host = host or settings.host
    if not (settings.encoder_key or settings.open_without_keys or is_this_machine(host)):
        raise ServiceOpen(
            f"without a key everyone who reaches {host} could have pages encoded: set PAGESIGHT_ENCODER_KEY, "
            "here and for the processes that it computes for"
        )
    model = make_encoders(settings).own.get()
    app = create_encoder_app(model, settings)
    to_stderr.print(f"{model.fingerprint} on http://{host}:{port}", style="bold", markup=False)
    listen(app, host, port)
