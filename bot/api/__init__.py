"""HTTP edges of the service: requests in, the domain's records out."""
