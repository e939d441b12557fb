"""Training of the static embedding that ships with Wence: pairs of texts in, a sentence-transformers directory out.

Run `python -m index.training --help`. The steps, one module each:

    pairs       the training file → texts and pairs, by group of sources
    sayings     lexicon and passages → questions in people's own words and in English (optional)
    vocabulary  texts → Unigram tokenizer over our own jieba word counts
    views       pairs → batches (questions, keywords, spans against passages), homogeneous per group
    kernels     the parallel inner loops
    trainer     batches → vectors (contrastive, nested dimensions, then hard batches by topic)
    export      vectors → int8 rows with scales, tokenizer, configuration
    measure     a directory + judged sets → recall and nDCG of the embedding on its own
"""
