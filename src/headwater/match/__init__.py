"""Known sets and near copies: what others know already, and what looks alike, so that nothing is looked at twice."""
