"""The JSON that other programs read; a contract: keys are added, never renamed."""

from dataclasses import asdict
from typing import Any

from index.answer import Answer
from index.article import Article, facts_of
from index.search import Passage
from index.sentences import Sentence
from index.store import Report


def answer_json(answer: Answer, answer_id: str) -> dict[str, Any]:
    """One answer; offsets are code points of the article's text."""
    return {
        "id": answer_id,
        "question": answer.question.text,
        "status": answer.status,
        "reason": answer.reason,
        "answer": answer.text,
        "confidence": round(answer.confidence, 4),
        "findings": [
            {
                "slot": finding.slot,
                "text": finding.text,
                "article": finding.article.id,
                "start": finding.start,
                "end": finding.end,
                "sentence": finding.quote,
                "confidence": round(finding.confidence, 4),
                "citation": finding.citation,
                "event": finding.event,
                "name": finding.name,
                "when": asdict(finding.when) if finding.when else None,
                "speaker": finding.speaker,
            }
            for finding in answer.findings
        ],
        "passages": [passage_json(passage) for passage in answer.passages],
        "missing": list(answer.missing),
        "respelled": dict(answer.respelled),
    }


def passage_json(passage: Passage) -> dict[str, Any]:
    """One passage: whose it is, where it stands, and the sentence itself."""
    return {
        "article": passage.article.id,
        "title": passage.article.title,
        "source": passage.article.source,
        "date": passage.article.date,
        "url": passage.article.url,
        "start": passage.sentence.start,
        "end": passage.sentence.end,
        "sentence": passage.quote,
        "score": round(passage.score, 6),
    }


def article_json(article: Article, sentences: list[Sentence]) -> dict[str, Any]:
    """One article with its text and the places of its sentences."""
    return {
        **facts_of(article),
        "text": article.text,
        "sentences": [
            {"paragraph": one.paragraph, "start": one.start, "end": one.end} for one in sentences
        ],
    }


def report_json(report: Report) -> dict[str, Any]:
    """How a rebuild went."""
    return {
        "snapshot": report.snapshot,
        "articles": report.counts.articles,
        "sentences": report.counts.sentences,
        "read": report.read,
        "skipped": [asdict(one) for one in report.skipped],
        "seconds": round(report.seconds, 3),
        "bytes": report.bytes,
    }
