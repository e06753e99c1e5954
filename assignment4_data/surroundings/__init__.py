"""What a repository of the public course expects around it, and `grader adopt` gives it.

Its handout has students download three classifiers (`models`) and take words from NLTK (`words`), whose rules are a
download as well. A hand-in that is written for this course needs neither.
"""
