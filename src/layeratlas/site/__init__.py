"""The site: pages of docs/, notebooks with what they gave, the API, a gallery of the figures."""
