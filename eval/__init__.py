"""Answers → figures: how good was each one?"""
