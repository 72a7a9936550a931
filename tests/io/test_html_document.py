"""What every page of the project begins and ends with."""

from html.parser import HTMLParser

from ssagan_jax.io.html_document import POLICY, document


def test_text_stays_text_and_nothing_is_loaded():
    found = document("a <b> & c", ["<p>body</p>"], style="p { color: red; }")
    tags = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append((tag, dict(attrs)))

    Reader().feed(found)
    assert [tag for tag, _ in tags].count("b") == 0  # the title's is text
    assert found.count("a &lt;b&gt; &amp; c") == 2
    policy = {"http-equiv": "Content-Security-Policy", "content": POLICY}
    assert ("meta", policy) in tags and "default-src 'none'" in POLICY
    assert found.index("color: red") < found.index("<body>") < found.index("<p>body</p>")
