"""What other programs and browsers are offered: OpenAI's completions, and the app in a page."""
