"""WenCe 问策: an assistant for Shanxi's enterprise-support policies."""
