"""One installation for all journeys of her telephone; no alert is open when one begins."""

from collections.abc import Iterator

import pytest

from tests.browser import Browser, Window
from tests.journeys.companion.steps import COMPIEGNE, OUR_NUMBER, Service, pair
from tests.server import Server


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Server(tmp_path_factory.mktemp("service"), environ={"SHERIF_INBOUND_NUMBER": OUR_NUMBER}) as server:
        yield Service(server, server.demo())


@pytest.fixture
def service(running: Service) -> Service:
    """No alert is open."""
    if alert := running.other_phone.alert():
        assert running.other_phone.close(alert["id"], running.pin).status == 200
    return running


@pytest.fixture
def code(service: Service) -> str:
    """Drawn as her profile draws it."""
    return service.does("print(enrolment.draw_pairing_code(Victim.objects.get(), now=timezone.now()))").split()[-1]


@pytest.fixture
def phone(service: Service, browser: Browser, code: str) -> Window:
    """Her telephone, paired, ready, able to open without a network."""
    window = browser.phone()
    window.move_to(*COMPIEGNE)
    pair(window, service, code)
    window.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return window
