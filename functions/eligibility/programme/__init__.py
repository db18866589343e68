"""The managed programme: its models, who it is granted to, its terms and who accepted them."""
