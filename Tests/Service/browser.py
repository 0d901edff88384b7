"""Uses the page of a running service as people do, in a headless Chromium.

    browser.py URL [--token-url URL --token TOKEN] [--screenshots DIR]

Exits with an error at the first thing that is not as it should be.
"""

import argparse
import base64
import json
import pathlib
import re
import tempfile
import time
import zipfile

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "Docs" / "Samples"


class Page:
    """The page in a browser of its own."""

    def __init__(self, url, width=1280, height=800, language="en-US", dark=False):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--lang={language}"]:
            options.add_argument(argument)
        self.downloads = pathlib.Path(tempfile.mkdtemp())
        options.add_experimental_option(
            "prefs", {"intl.accept_languages": language, "download.default_directory": str(self.downloads)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.browser = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        self.url = url
        self.browser.get(url)
        self.until(lambda: self["model"].get_property("textContent"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.quit()

    def __getitem__(self, identifier):
        return self.browser.find_element(By.ID, identifier)

    def until(self, condition, seconds=30):
        return WebDriverWait(self.browser, seconds, poll_frequency=0.05).until(lambda _: condition())

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def open(self, photo):
        """Chooses a photo and waits until it is shown."""
        self["file"].send_keys(str(photo))
        self.wait_for(pathlib.Path(photo).name)

    def wait_for(self, name):
        self.until(lambda: name in self["status"].get_property("textContent") and self["result"].is_displayed())

    def boxes(self, of):
        return self[of].find_elements(By.TAG_NAME, "input")

    def colors(self):
        """How many pixels of the parsing have each colour, the overlay being full and nothing pointed at."""
        ActionChains(self.browser).move_to_element(self["model"]).perform()
        return self.run("""
            const canvas = document.getElementById("parsing"), counts = {};
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4) {
              const key = `#${[0, 1, 2].map((c) => data[i + c].toString(16).padStart(2, "0")).join("")}`;
              counts[key] = (counts[key] ?? 0) + 1;
            }
            return counts;""")

    def overlay(self, percent):
        self.run("""
            const slider = document.getElementById("opacity");
            slider.value = arguments[0];
            slider.dispatchEvent(new Event("input"));""", percent)

    def click(self, identifier):
        self.run("arguments[0].scrollIntoView({ block: 'center' })", self[identifier])
        self[identifier].click()

    def download(self, identifier, name):
        """Presses a button and waits for the file that it saves."""
        self.click(identifier)
        path = self.downloads / name
        self.until(lambda: path.exists() and not list(self.downloads.glob("*.crdownload")))
        return path.read_bytes()

    def requests(self):
        """Addresses and bytes of the requests since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        sizes = [event["params"]["encodedDataLength"] for event in events if event["method"] == "Network.loadingFinished"]
        return urls, sum(sizes)

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]

    def screenshot(self, folder, name):
        if folder:
            time.sleep(0.3)
            picture = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "jpeg", "quality": 82})
            (pathlib.Path(folder) / f"{name}.jpg").write_bytes(base64.b64decode(picture["data"]))


def check_first_view(page):
    urls, size = page.requests()
    foreign = [url for url in urls if not url.startswith((page.url, "data:", "blob:"))]
    assert not foreign, f"requests elsewhere: {foreign}"
    assert size < 60_000, f"the first view takes {size} bytes"
    assert not page.complaints()
    print(f"first view: {len(urls)} requests, {size} bytes")


def check_result(page):
    page.open(SAMPLES / "astronaut.png")
    assert page["another"].is_displayed() and not page["start"].is_displayed()
    assert len(page.boxes("people")) == 1
    assert re.search(r"512 × 512 · 792 kB · \d+\.\d\d s", page["facts"].text), page["facts"].text
    assert "Hair" in page["photo"].get_attribute("aria-label")


def check_toggles(page):
    page.overlay(100)
    hair = "#ff0000"
    before = page.colors()
    assert before[hair] > 1000 and before["#ffff00"] > 1000
    box = page["classes"].find_element(By.CSS_SELECTOR, "input[data-name=Hair]")
    box.click()
    after = page.colors()
    assert hair not in after and after["#ffff00"] == before["#ffff00"]
    box.click()
    assert page.colors() == before
    person = page.boxes("people")[0]
    person.click()
    assert hair not in page.colors()
    person.click()
    page.click("none")
    assert list(page.colors()) == ["#000000"]
    page.click("all")
    assert page.colors() == before
    page.overlay(70)


def check_pointer_and_keyboard(page):
    divider = page["divider"]
    page.run("arguments[0].focus()", divider)
    divider.send_keys(Keys.HOME)
    assert divider.get_attribute("aria-valuenow") == "0"
    divider.send_keys(Keys.ARROW_RIGHT, Keys.PAGE_UP)
    assert divider.get_attribute("aria-valuetext") == "12 % photo", divider.get_attribute("aria-valuetext")
    ActionChains(page.browser).drag_and_drop_by_offset(divider, 200, 0).perform()
    assert int(divider.get_attribute("aria-valuenow")) > 30
    # The astronaut's face is a little left of the middle, high up.
    stage = page["stage"].size
    ActionChains(page.browser).move_to_element_with_offset(
        page["stage"], int(-stage["height"] * 0.06), int(-stage["height"] * 0.28)).perform()
    page.until(lambda: page["tip"].is_displayed())
    assert re.fullmatch(r"Person 1: (Face|Hair) · 0\.\d\d", page["tip"].text), page["tip"].text
    # Everything that can be used can be reached by the keyboard.
    reached = set()
    for _ in range(40):
        ActionChains(page.browser).send_keys(Keys.TAB).perform()
        active = page.browser.switch_to.active_element
        reached.add(active.get_attribute("id") or active.get_attribute("data-name") or active.tag_name)
    assert reached >= {"another", "language", "divider", "opacity", "Hair", "saveColor", "saveZip", "mask"}, reached


def check_names(page):
    """Whatever takes the focus has a name for screen readers."""
    page.browser.execute_cdp_cmd("Accessibility.enable", {})
    nodes = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    for node in nodes:
        focusable = any(item["name"] == "focusable" and item["value"]["value"] for item in node.get("properties", []))
        if focusable and node["role"]["value"] not in ("RootWebArea", "main", "option", "MenuListPopup"):
            assert node.get("name", {}).get("value"), f"without a name: {node['role']['value']} {node}"


def check_downloads(page):
    png = b"\x89PNG\r\n\x1a\n"
    reply = json.loads(page.download("saveJson", "astronaut.json"))
    assert page.download("saveColor", "astronaut.color.png") == base64.b64decode(reply["merged_mask"])
    assert page.download("saveMask", "astronaut.p01.png") == base64.b64decode(reply["people"][0]["mask"])
    everything = page.download("saveCutout", "astronaut.cutout.png")
    assert everything.startswith(png)
    (page.downloads / "astronaut.cutout.png").unlink()
    page["classes"].find_element(By.CSS_SELECTOR, "input[data-name=Hair]").click()
    assert page.download("saveCutout", "astronaut.cutout.png") != everything
    page["classes"].find_element(By.CSS_SELECTOR, "input[data-name=Hair]").click()
    page.download("saveZip", "astronaut.zip")
    with zipfile.ZipFile(page.downloads / "astronaut.zip") as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert names >= {"color.png", "labels.png", "cutout.png", "parsing.json", "parts/hair.png", "people/p01.png"}


def check_drop_and_paste(page):
    data = base64.b64encode((SAMPLES / "grace-hopper.jpg").read_bytes()).decode()
    script = """
        const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0)), transfer = new DataTransfer();
        transfer.items.add(new File([bytes], arguments[1], { type: "image/jpeg" }));
        const details = { bubbles: true, dataTransfer: transfer, clipboardData: transfer };
        document.dispatchEvent(arguments[2] === "drop" ? new DragEvent("drop", details) : new ClipboardEvent("paste", details));"""
    for kind in ["drop", "paste"]:
        page.run(script, data, f"{kind}.jpg", kind)
        page.wait_for(f"{kind}.jpg")


def check_errors(page):
    for name, text, expected in [
        ("notes.txt", b"words", "not a JPEG, PNG, WebP or AVIF"), ("broken.jpg", b"words", "cannot be read")]:
        path = page.downloads / name
        path.write_bytes(text)
        page["file"].send_keys(str(path))
        page.until(lambda: page["error"].is_displayed() and expected in page["error"].text)
    page.open(SAMPLES / "astronaut.png")
    assert not page["error"].is_displayed()
    # Refusals of the service stand in the console; nothing else does.
    assert all("status of 400" in text for text in page.complaints())


def check_languages(page):
    page.click("language")
    assert page["language"].text == "English" and page.run("return document.documentElement.lang") == "zh-CN"
    assert page["saveZip"].text == "全部遮罩 (ZIP)"
    assert page["classes"].find_element(By.CSS_SELECTOR, "input[data-name=Hair] ~ span:not(.swatch)").text == "头发"
    page.click("language")
    assert page["saveZip"].text == "All masks (ZIP)"


def check_token(url, token):
    with Page(url) as page:
        page["file"].send_keys(str(SAMPLES / "astronaut.png"))
        page.until(lambda: page["tokenForm"].is_displayed() and page["error"].is_displayed())
        page["token"].send_keys(token, Keys.ENTER)
        page.wait_for("astronaut.png")
        assert not page["tokenForm"].is_displayed()
        # What the page does not let pass unseen, the service refuses, and the page can read that.
        large = page.downloads / "large.jpg"
        large.write_bytes(bytes(5 << 20))
        page["file"].send_keys(str(large))
        page.until(lambda: "too large" in page["error"].text)
        size = page.run("""
            return fetch("api/parse", { method: "POST", body: new Uint8Array(5 << 20),
              headers: { Authorization: "Bearer " + arguments[0] } }).then((answer) => answer.status);""", token)
        assert size == 413, size


def check_looks(url, screenshots):
    with Page(url) as page:
        page.open(SAMPLES / "astronaut.png")
        page.screenshot(screenshots, "service-desktop")
    with Page(url, width=390, height=844) as page:
        page.open(SAMPLES / "astronaut.png")
        assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "wider than a phone"
        page.screenshot(screenshots, "service-phone")
    with Page(url, language="zh-CN", dark=True) as page:
        page.open(SAMPLES / "astronaut.png")
        assert page["saveZip"].text == "全部遮罩 (ZIP)"
        back = page.run("return getComputedStyle(document.body).backgroundColor")
        assert max(map(int, re.findall(r"\d+", back))) < 64, f"not dark: {back}"
        page.screenshot(screenshots, "service-dark-chinese")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--token-url")
    parser.add_argument("--token")
    parser.add_argument("--screenshots")
    arguments = parser.parse_args()
    with Page(arguments.url) as page:
        for check in [
            check_first_view, check_names, check_result, check_toggles, check_pointer_and_keyboard, check_names,
            check_downloads, check_drop_and_paste, check_errors, check_languages]:
            check(page)
            print(f"{check.__name__}: good")
    check_looks(arguments.url, arguments.screenshots)
    print("check_looks: good")
    if arguments.token_url:
        check_token(arguments.token_url, arguments.token)
        print("check_token: good")


main()
