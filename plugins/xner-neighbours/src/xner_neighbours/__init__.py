"""Labels judged by the words whose vectors are near."""
