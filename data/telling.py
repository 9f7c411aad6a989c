"""Names of columns that tell what they hold, in the languages in which people name them."""

from __future__ import annotations

TELLING = (
    "joke", "jokes", "text", "texts", "content", "contents", "body", "sentence", "sentences", "line", "lines",
    "quote", "quotes", "message", "messages", "tweet", "full_text", "lyric", "lyrics", "poem", "poems", "verse",
    "story", "comment", "comments", "caption", "selftext", "post", "review", "utterance", "phrase", "saying",
    "proverb", "riddle", "headline", "headline_text", "witz", "witze", "spruch", "satz", "zitat", "nachricht",
    "gedicht", "inhalt", "blague", "texte", "chiste", "texto", "frase", "mensaje", "piada", "mensagem",
    "barzelletta", "testo", "battuta", "анекдот", "текст", "шутка", "сообщение", "żart", "dowcip", "tekst", "内容",
    "正文", "文本", "笑话", "句子", "テキスト", "本文", "文章", "내용", "텍스트", "문장", "चुटकुला", "पाठ", "نکته",
    "متن", "نص", "نكتة",
)  # fmt: skip
"""Names that count where the cells hold words, the most telling first."""

JOINED: tuple[tuple[str, str], ...] = (
    ("question", "answer"), ("questions", "answers"), ("q", "a"), ("setup", "punchline"), ("setup", "delivery"),
    ("title", "body"), ("title", "selftext"), ("prompt", "response"), ("prompt", "completion"), ("prompt", "answer"),
    ("instruction", "output"), ("instruction", "response"), ("input", "output"), ("front", "back"),
    ("riddle", "answer"), ("riddle", "solution"), ("first", "second"), ("opening", "ending"),
    ("premise", "punchline"), ("buildup", "punchline"), ("joke_setup", "joke_punchline"), ("frage", "antwort"),
    ("aufbau", "pointe"), ("pregunta", "respuesta"), ("pergunta", "resposta"), ("domanda", "risposta"),
    ("вопрос", "ответ"), ("pytanie", "odpowiedź"), ("vraag", "antwoord"), ("问题", "答案"), ("問題", "答え"),
    ("質問", "回答"), ("질문", "답변"), ("प्रश्न", "उत्तर"), ("سؤال", "جواب"),
)  # fmt: skip
"""Two columns of which the second goes on where the first ends."""
