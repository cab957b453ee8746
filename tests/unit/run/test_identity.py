"""Article ids: where they come from, and how they survive a rename."""

from pipeline.run.identity import Earlier, Identified, carried_ids, natural_ids, words_of

STORY = " ".join(
    f"The tea trial of village {i} followed {i + 40} gardeners for a summer and counted their naps." for i in range(20)
)


def article(
    path: str, *, input_id: str | None = None, url: str | None = None, text: str = STORY, sha: str | None = None
) -> Identified:
    return Identified(path=path, input_id=input_id, url=url, sha256=sha or path, words=words_of(text))


def carry(articles: list[Identified], texts: list[str], earlier: list[Earlier]) -> list[str | None]:
    return carried_ids(articles, natural_ids(articles)[0], texts.__getitem__, earlier)


def test_the_input_id_wins_over_the_url_and_the_url_over_the_path() -> None:
    ids, _ = natural_ids(
        [
            article("a.html", input_id="7", url="https://x.example/1"),
            article("b.html", url="https://x.example/1"),
            article("c.html"),
        ]
    )
    assert ids == ["7", "https://x.example/1", "c.html"]


def test_two_articles_that_share_an_id_are_told_apart_by_their_paths() -> None:
    ids, repeated = natural_ids([article("a.jsonl#7", input_id="7"), article("b.jsonl#7", input_id="7")])
    assert ids == ["7", "b.jsonl#7"]
    assert repeated == []


def test_the_same_bytes_under_the_same_id_are_one_article() -> None:
    ids, repeated = natural_ids(
        [article("a.html", url="https://x.example/1", sha="s"), article("b.html", url="https://x.example/1", sha="s")]
    )
    assert ids == ["https://x.example/1", None]
    assert repeated == [(1, 0)]


def test_a_renamed_file_keeps_its_id() -> None:
    assert carry([article("new.html")], [STORY], [Earlier("old.html", "old.html", STORY)]) == ["old.html"]


def test_a_renamed_and_slightly_edited_file_keeps_its_id() -> None:
    edited = STORY.replace("a summer", "one summer", 1)
    assert carry([article("new.html", text=edited)], [edited], [Earlier("old.html", "old.html", STORY)]) == ["old.html"]


def test_another_story_under_another_name_is_new() -> None:
    other = " ".join(
        f"Knee braces of type {i} were worn by walkers on path {i} and they liked them." for i in range(20)
    )
    assert carry([article("new.html", text=other)], [other], [Earlier("old.html", "old.html", STORY)]) == ["new.html"]


def test_a_copy_beside_the_original_is_a_second_article() -> None:
    found = carry([article("copy.html"), article("old.html")], [STORY, STORY], [Earlier("old.html", "old.html", STORY)])
    assert found == ["copy.html", "old.html"]


def test_an_earlier_article_is_carried_over_once() -> None:
    found = carry([article("x.html"), article("y.html")], [STORY, STORY], [Earlier("old.html", "old.html", STORY)])
    assert found == ["old.html", "y.html"]


def test_a_renamed_file_keeps_its_id_also_when_it_is_rewritten_later() -> None:
    other = " ".join(f"Shoes of type {i} were worn by walkers on path {i} and they liked them." for i in range(20))
    assert carry([article("new.html", text=other)], [other], [Earlier("old.html", "new.html", STORY)]) == ["old.html"]


def test_another_article_under_a_name_that_was_given_up_gets_an_id_of_its_own_for_good() -> None:
    other = " ".join(f"Shoes of type {i} were worn by walkers on path {i} and they liked them." for i in range(20))
    articles = [article("new.html"), article("old.html", text=other)]
    first = carry(articles, [STORY, other], [Earlier("old.html", "old.html", STORY)])
    assert first[0] == "old.html"
    assert str(first[1]).startswith("old.html#")
    earlier = [Earlier("old.html", "new.html", STORY), Earlier(str(first[1]), "old.html", other)]
    assert carry(articles, [STORY, other], earlier) == first


def test_a_story_that_goes_from_the_front_page_to_the_archive_is_the_same_article() -> None:
    stories = [
        " ".join(f"On day {day} the walkers of village {i} met at the gate and set out." for i in range(20))
        for day in range(3)
    ]
    monday = [article("latest.html", text=stories[0])]
    tuesday = [article("latest.html", text=stories[1]), article("monday.html", text=stories[0])]
    ids = carry(tuesday, [stories[1], stories[0]], [Earlier("latest.html", "latest.html", stories[0])])
    assert natural_ids(monday)[0] == ["latest.html"]
    assert ids == [f"latest.html#{words_of(stories[1])[:8]}", "latest.html"]
    wednesday = [*tuesday, article("tuesday.html", text=stories[1])]
    wednesday[0] = article("latest.html", text=stories[2])
    earlier = [Earlier(str(ids[0]), "latest.html", stories[1]), Earlier("latest.html", "monday.html", stories[0])]
    again = carry(wednesday, [stories[2], stories[0], stories[1]], earlier)
    assert again == [f"latest.html#{words_of(stories[2])[:8]}", "latest.html", ids[0]]


def test_a_page_with_an_address_keeps_it_whatever_lay_there() -> None:
    pages = [article("a.html", url="https://x.example/2")]
    assert carry(pages, [STORY], [Earlier("https://x.example/1", "a.html", "Another story altogether.")]) == [
        "https://x.example/2"
    ]


def test_no_two_articles_get_one_id() -> None:
    names = ["a.html", "b.html", "c.html", f"a.html#{words_of(STORY)[:8]}"]
    earlier = [Earlier(old, new, STORY) for old, new in zip(names, names[1:] + names[:1], strict=True)]
    ids = carry([article(name) for name in names], [STORY] * 4, earlier)
    assert len(set(ids)) == 4


def test_only_the_texts_of_new_articles_are_asked_for() -> None:
    changed = STORY.replace("a summer", "a winter")
    articles = [
        article("a.html", text="Kept."),
        article("b.html", text="Also kept."),
        article("new.html", text=changed),
    ]
    earlier = [
        Earlier(article_id="a.html", path="a.html", text="Kept."),
        Earlier(article_id="b.html", path="b.html", text="Also kept."),
        Earlier(article_id="old.html", path="old.html", text=STORY),
    ]
    asked: list[int] = []

    def text_of(index: int) -> str:
        asked.append(index)
        return changed

    ids = carried_ids(articles, natural_ids(articles)[0], text_of, earlier)
    assert ids == ["a.html", "b.html", "old.html"]
    assert asked == [2]
