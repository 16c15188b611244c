"""Changes told to channels, one dead and one slow: what arrives, how soon, how often twice."""
